import type { PostedSequence } from '../../workflows/domain/sequence.js';
import type { Database } from '../storage/database.js';
import { countPosted, selectPostedAfter, selectPostedSequence } from '../storage/posted-sequences.js';
import type { WaitForSequencesRequest } from './chain-activities.js';
import type { ChainRpc } from './chain-rpc.js';
import { readLastVerifiedBatch } from './rollup-facts.js';

/** Most sequences handed out at once: keeps histories small. */
const MAX_SEQUENCES_AT_ONCE = 50;

/**
 * The sequences that follow the last one handed out and are not verified yet, as many as may be open. Where that one
 * has left the chain, all unverified ones again.
 */
export async function nextSequences(
  db: Database,
  rpc: ChainRpc,
  { after, startBatch, maxOpenSequences, ...request }: WaitForSequencesRequest,
): Promise<PostedSequence[]> {
  const rollup = { chainId: request.chainId, rollup: request.rollup };
  const lastVerified = await readLastVerifiedBatch(rpc, rollup.rollup);
  // The sequence that holds startBatch is the first one that this miner takes part in.
  const lowest = Math.max(lastVerified, startBatch - 1);

  const last = after && (await selectPostedSequence(db, rollup, after.lastBatch));
  const isThere = after !== null && last?.accInputHash === after.accInputHash;
  const afterBatch = isThere ? Math.max(lowest, after.lastBatch) : lowest;

  const open = afterBatch > lowest ? await countPosted(db, rollup, { afterBatch: lowest, upToBatch: afterBatch }) : 0;
  const limit = Math.min(MAX_SEQUENCES_AT_ONCE, maxOpenSequences - open);
  if (limit <= 0) return [];
  return selectPostedAfter(db, rollup, { afterBatch, upToBatch: Number.MAX_SAFE_INTEGER, limit });
}
