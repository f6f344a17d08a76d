import { z } from 'zod';
import type { RollupRef, SequenceIdentity } from '../../workflows/domain/sequence.js';
import { hex, type Database } from '../storage/database.js';
import { selectSequencesWithFinalProof } from '../storage/final-proofs.js';
import type { ChainRpc } from './chain-rpc.js';
import { ZERO_HASH } from './rollup-directory.js';
import { readLastVerifiedBatch, readReservingCommitments, readSequenceFacts, ROLLUP } from './rollup-facts.js';

/** Batches below the last verified one in which a late reveal of ours may still be worth something. */
const LATE_BATCHES = 10_000;

/** What `submitPendingProof` looks at. */
export interface PendingSequencesRequest {
  chainId: number;
  /** Addresses of the rollups. */
  rollups: readonly string[];
  miner: string;
}

/**
 * The sequences that an earlier run of this miner left unfinished, lowest first: those with an open commitment of its
 * own on the chain, and those with a stored final proof that are not settled. The chain is asked, so an empty Temporal
 * database hides nothing.
 */
export async function listPendingSequences(
  db: Database,
  rpc: ChainRpc,
  { chainId, rollups, miner }: PendingSequencesRequest,
): Promise<SequenceIdentity[]> {
  const pending = new Map<string, SequenceIdentity>();
  for (const rollup of rollups) {
    for (const sequence of await committedSequences(rpc, { chainId, rollup }, miner))
      pending.set(keyOf(sequence), sequence);
    for (const sequence of await provedSequences(db, rpc, { chainId, rollup }, miner))
      pending.set(keyOf(sequence), sequence);
  }
  return [...pending.values()].sort((a, b) => a.firstBatch - b.firstBatch);
}

/** Sequences with a commitment that still holds a reserve. */
async function committedSequences(
  rpc: ChainRpc,
  { chainId, rollup }: RollupRef,
  miner: string,
): Promise<SequenceIdentity[]> {
  const keys = await readReservingCommitments(rpc, rollup, miner);
  const sequences: SequenceIdentity[] = [];
  for (const finalBatch of new Set(keys.map((key) => key.finalBatch))) {
    const data = ROLLUP.encodeFunctionData('sequencedBatches', [finalBatch]);
    const posted = ROLLUP.decodeFunctionResult('sequencedBatches', await rpc.call({ to: rollup, data }, 'latest'));
    const [accInputHash, , previous] = z
      .tuple([hex, z.unknown(), z.bigint()])
      .rest(z.unknown())
      .parse(posted.toArray());
    // Rolled back: what was reserved for it is settled by hand or with the next commitment.
    if (accInputHash === ZERO_HASH) continue;
    sequences.push({ chainId, rollup, firstBatch: Number(previous) + 1, lastBatch: Number(finalBatch), accInputHash });
  }
  return sequences;
}

/** Sequences with a stored final proof that may still earn something. */
async function provedSequences(
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

function keyOf({ chainId, rollup, lastBatch, accInputHash }: SequenceIdentity): string {
  return `${chainId}/${rollup}/${lastBatch}/${accInputHash}`;
}
