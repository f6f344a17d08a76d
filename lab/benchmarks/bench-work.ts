import { createHash } from 'node:crypto';
import { simulatedSeconds, type SimulatedTimes } from '../../provers/backends/simulated/simulated-seconds.js';
import { proofTree, type ProofTree } from '../../domain/proof-tree.js';
import type { ProofKind } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
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

/** One proof of a work. */
export interface WorkProof {
  kind: ProofKind;
  /** Which sequence of the work it belongs to, from 0. */
  sequence: number;
  firstBatch: number;
  lastBatch: number;
  ms: number;
  /** Proofs that it folds or binds: it can begin when they are made. */
  needs: readonly WorkProof[];
}

/** All proofs of a work, each after those that it needs. */
export function proofsOf({ sequences, times, folds }: BenchWork): WorkProof[] {
  return sequences.flatMap(({ rollup, firstBatch, lastBatch }, sequence) => {
    const proofs: WorkProof[] = [];
    const add = (kind: ProofKind, range: { firstBatch: number; lastBatch: number }, needs: WorkProof[]): WorkProof => {
      const ms = 1000 * simulatedSeconds(times, kind, { rollup, ...range });
      const proof = { kind, sequence, ...range, ms, needs };
      proofs.push(proof);
      return proof;
    };
    const addTree = ({ children, ...range }: ProofTree): WorkProof =>
      children ? add('aggregate', range, children.map(addTree)) : add('batch', range, []);

    if (folds) add('final', { firstBatch, lastBatch }, [addTree(proofTree(firstBatch, lastBatch))]);
    else
      for (let batch = firstBatch; batch <= lastBatch; batch++)
        add('batch', { firstBatch: batch, lastBatch: batch }, []);
    return proofs;
  });
}

/**
 * The greatest of three lower bounds: all work shared evenly, the longest chain of proofs that wait for each other, and
 * as many of the shortest proofs as the busiest slot has at least.
 */
export function boundOf(work: BenchWork, slots: number): WorkBound {
  const proofs = proofsOf(work);
  const totalMs = proofs.reduce((sum, { ms }) => sum + ms, 0);
  const shortestMs = proofs.reduce((least, { ms }) => Math.min(least, ms), Infinity);
  const busiestMs = proofs.length === 0 ? 0 : Math.ceil(proofs.length / slots) * shortestMs;
  const longestChainMs = Math.max(0, ...chainsOf(proofs).values());
  return { tasks: proofs.length, totalMs, boundMs: Math.max(totalMs / slots, longestChainMs, busiestMs) };
}

/** How long after the beginning each proof is made, with any number of machines. */
function chainsOf(proofs: readonly WorkProof[]): Map<WorkProof, number> {
  const chains = new Map<WorkProof, number>();
  for (const proof of proofs) {
    chains.set(proof, proof.ms + Math.max(0, ...proof.needs.map((need) => chains.get(need) ?? 0)));
  }
  return chains;
}
