import type pg from 'pg';
import type { RollupRef } from '../../domain/sequence.js';
import {
  markFinalProofSettled,
  selectUnsettledFinalProofs,
  unmarkSettledFinalProofs,
} from '../storage/final-proofs.js';
import { markSettledTasks } from '../storage/retention.js';
import { hashAtDepth } from './canonical.js';
import type { ChainRpc } from './chain-rpc.js';
import { readLastVerifiedBatch, readSequenceFacts } from './rollup-facts.js';

/** Final proofs looked at in one go: each is a call of the contract. */
const FINALS_AT_ONCE = 100;

/**
 * Marks what a rollup's verified sequences have left behind as settled, as the chain says at the confirmation depth: tasks
 * of verified batches; final proofs with which nothing can be earned any more. A proof whose hash stands open or late is
 * still to be revealed, so it is not settled.
 */
export async function markSettledWork(
  { rpc, pool }: { rpc: ChainRpc; pool: pg.Pool },
  rollup: RollupRef,
  confirmations: number,
): Promise<void> {
  const blockHash = await hashAtDepth(rpc, await rpc.latest(), confirmations);
  if (blockHash === null) return;
  const lastVerified = await readLastVerifiedBatch(rpc, rollup.rollup, { blockHash });
  await markSettledTasks(pool, rollup, lastVerified);
  await unmarkSettledFinalProofs(pool, rollup, lastVerified);
  const finals = await selectUnsettledFinalProofs(pool, rollup, { lastVerified, limit: FINALS_AT_ONCE });
  for (const { proofDigest, sequence, miner } of finals) {
    const { ownState } = await readSequenceFacts(rpc, sequence, miner, blockHash);
    if (ownState !== 'open' && ownState !== 'late') await markFinalProofSettled(pool, proofDigest);
  }
}
