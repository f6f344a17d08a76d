import { createHash } from 'node:crypto';
import { simulatedSeconds, type SimulatedTimes } from '../../provers/simulated/simulated-seconds.js';
import { proofTree, type ProofTree } from '../../workflows/domain/proof-tree.js';
import { batchCount, type SequenceIdentity } from '../../workflows/domain/sequence.js';
import { benchRollup, benchSequence } from './bench-rollup.js';

/** What a run has to do: the same for every way of doing it. */
export interface BenchWork {
  sequences: readonly SequenceIdentity[];
  times: SimulatedTimes;
  /** Size of the inputs of one batch proof. */
  inputBytes: number;
  /** Whether there is more to prove than the batches: folds and final proofs. */
  folds: boolean;
}

/** How long a work takes at least, whoever does it. */
export interface WorkBound {
  /** Number of proofs. */
  tasks: number;
  /** Time of all proofs together. */
  totalMs: number;
  /** No way of sharing the work among this many slots takes less. */
  boundMs: number;
}

/** Sequences of 1 to `longest` batches of one rollup, one after the other, drawn by the seed; `batches` in all. */
export function drawSequences(batches: number, longest: number, seed: string, rollup = 1): SequenceIdentity[] {
  const sequences: SequenceIdentity[] = [];
  for (let firstBatch = 1; firstBatch <= batches;) {
    const draw = createHash('sha256').update(`${seed}/length/${firstBatch}`).digest().readUInt32BE(0) / 2 ** 32;
    const lastBatch = Math.min(batches, firstBatch + Math.floor(draw * longest));
    sequences.push(benchSequence(benchRollup(rollup), firstBatch, lastBatch));
    firstBatch = lastBatch + 1;
  }
  return sequences;
}

/** Sequences of the same length each, the last one of what is left. */
export function equalSequences(batches: number, length: number, rollup = 1): SequenceIdentity[] {
  return Array.from({ length: Math.ceil(batches / length) }, (_, index) =>
    benchSequence(benchRollup(rollup), index * length + 1, Math.min(batches, (index + 1) * length)),
  );
}

/**
 * The greatest of three lower bounds: all work shared evenly, the longest chain of proofs that wait for each other, and
 * as many of the shortest proofs as the busiest slot has at least.
 */
export function boundOf(work: BenchWork, slots: number): WorkBound {
  const proofs: number[] = [];
  let longestChainMs = 0;
  for (const sequence of work.sequences) {
    const chains = work.folds ? [chainOf(work, sequence, proofs)] : batchTimes(work, sequence, proofs);
    longestChainMs = Math.max(longestChainMs, ...chains);
  }
  const totalMs = proofs.reduce((sum, ms) => sum + ms, 0);
  const shortestMs = proofs.reduce((least, ms) => Math.min(least, ms), Infinity);
  const busiestMs = proofs.length === 0 ? 0 : Math.ceil(proofs.length / slots) * shortestMs;
  return { tasks: proofs.length, totalMs, boundMs: Math.max(totalMs / slots, longestChainMs, busiestMs) };
}

/** Time that a sequence takes with any number of machines; adds the times of its proofs to `proofs`. */
function chainOf({ times }: BenchWork, sequence: SequenceIdentity, proofs: number[]): number {
  const take = (kind: 'batch' | 'aggregate' | 'final', firstBatch: number, lastBatch: number): number => {
    const ms = 1000 * simulatedSeconds(times, kind, { rollup: sequence.rollup, firstBatch, lastBatch });
    proofs.push(ms);
    return ms;
  };
  const treeMs = ({ firstBatch, lastBatch, children }: ProofTree): number =>
    children
      ? Math.max(...children.map(treeMs)) + take('aggregate', firstBatch, lastBatch)
      : take('batch', firstBatch, lastBatch);
  const { firstBatch, lastBatch } = sequence;
  return treeMs(proofTree(firstBatch, lastBatch)) + take('final', firstBatch, lastBatch);
}

function batchTimes({ times }: BenchWork, sequence: SequenceIdentity, proofs: number[]): number[] {
  const own = Array.from({ length: batchCount(sequence) }, (_, index) => {
    const batch = sequence.firstBatch + index;
    return 1000 * simulatedSeconds(times, 'batch', { ...sequence, firstBatch: batch, lastBatch: batch });
  });
  proofs.push(...own);
  return own;
}
