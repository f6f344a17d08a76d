import { z } from 'zod';
import type { RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import { hex, type Database } from '../storage/database.js';
import { selectSequencesWithFinalProof } from '../storage/final-proofs.js';
import type { ChainRpc } from './chain-rpc.js';
import { ZERO_HASH } from './rollup-directory.js';
import { readLastVerifiedBatch, readReservingCommitments, readSequenceFacts, ROLLUP } from './rollup-facts.js';

/** Batches below the last verified one in which a late reveal of ours may still be worth something. */
const LATE_BATCHES = 10_000;

/** A sequence with a commitment of ours that is not settled and whose proof is not accepted. */
export interface CommittedSequence {
  sequence: SequenceIdentity;
  /** First block in which our proof would come too late; null while the predecessor is unverified. */
  revealEnd: number | null;
}

/**
 * The sequences of a rollup that this miner has open commitments to. The chain is asked, so that empty databases hide
 * nothing.
 */
export async function listCommittedSequences(
  rpc: ChainRpc,
  { chainId, rollup }: RollupRef,
  miner: string,
): Promise<CommittedSequence[]> {
  const keys = await readReservingCommitments(rpc, rollup, miner);
  const finalBatches = [...new Set(keys.map((key) => key.finalBatch))];
  if (finalBatches.length === 0) return [];
  const { hash } = await rpc.latest();
  const found = await Promise.all(
    finalBatches.map(async (lastBatch) => {
      const posted = await postedAs(rpc, rollup, lastBatch);
      // Rolled back: what was reserved for it is settled by hand or with the next commitment.
      if (posted === null) return [];
      const sequence = { chainId, rollup, lastBatch, ...posted };
      const { ownState, revealEnd } = await readSequenceFacts(rpc, sequence, miner, hash);
      // All that is left of an accepted one is its share, which is booked with the next settling.
      return ownState === 'accepted' ? [] : [{ sequence, revealEnd }];
    }),
  );
  return found.flat();
}

async function postedAs(
  rpc: ChainRpc,
  rollup: string,
  lastBatch: number,
): Promise<Pick<SequenceIdentity, 'firstBatch' | 'accInputHash'> | null> {
  const data = ROLLUP.encodeFunctionData('sequencedBatches', [lastBatch]);
  const posted = ROLLUP.decodeFunctionResult('sequencedBatches', await rpc.call({ to: rollup, data }, 'latest'));
  const [accInputHash, , previous] = z.tuple([hex, z.unknown(), z.bigint()]).rest(z.unknown()).parse(posted.toArray());
  return accInputHash === ZERO_HASH ? null : { firstBatch: Number(previous) + 1, accInputHash };
}

/** The sequences of a rollup with a stored final proof that may still earn something, lowest first. */
export async function listProvedSequences(
  db: Database,
  rpc: ChainRpc,
  { chainId, rollup }: RollupRef,
  miner: string,
): Promise<SequenceIdentity[]> {
  const lastVerified = await readLastVerifiedBatch(rpc, rollup);
  const afterBatch = Math.max(0, lastVerified - LATE_BATCHES);
  const { hash } = await rpc.latest();
  const sequences: SequenceIdentity[] = [];
  for (const { sequence, committed } of await selectSequencesWithFinalProof(db, {
    chainId,
    rollup,
    miner,
    afterBatch,
  })) {
    const isVerified = sequence.lastBatch <= lastVerified;
    if (isVerified && !committed) continue;
    const facts = await readSequenceFacts(rpc, sequence, miner, hash);
    if (!facts.posted || facts.accInputHash !== sequence.accInputHash) continue;
    if (!isVerified || facts.ownState === 'late') sequences.push(sequence);
  }
  return sequences;
}
