import { createHash } from 'node:crypto';
import type { ProofKind, Statement } from '../../../domain/proof.js';

/** How long simulated proofs take. */
export interface SimulatedTimes {
  /** Mean time of each kind of proof, in seconds; by default a tenth of a second. */
  secondsByKind?: Partial<Record<ProofKind, number>>;
  /** Standard deviation of the times as a share of their mean, 0 (the default) to 0.3: they are normally distributed. */
  spread?: number;
  /** Makes the time of a task the same in every run and on every machine. */
  seed?: string;
}

const DEFAULT_SECONDS = 0.1;
/** What is drawn is never farther from the mean, so that no time is negative. */
const MAX_DEVIATIONS = 3;

/** How long the proof of a statement takes: with a seed always the same, else drawn anew. */
export function simulatedSeconds(
  { secondsByKind, spread = 0, seed }: SimulatedTimes,
  kind: ProofKind,
  { rollup, firstBatch, lastBatch }: Pick<Statement, 'rollup' | 'firstBatch' | 'lastBatch'>,
): number {
  const mean = secondsByKind?.[kind] ?? DEFAULT_SECONDS;
  if (spread === 0) return mean;
  const [first, second] =
    seed === undefined
      ? [Math.random(), Math.random()]
      : twoNumbers(`${seed}/${kind}/${rollup.toLowerCase()}/${firstBatch}-${lastBatch}`);
  return mean * (1 + spread * standardNormal(first, second));
}

/** Two numbers from 0 to 1, by the text alone. */
function twoNumbers(text: string): [number, number] {
  const digest = createHash('sha256').update(text).digest();
  return [digest.readUIntBE(0, 6) / 2 ** 48, digest.readUIntBE(6, 6) / 2 ** 48];
}

/** Box and Muller's way from two uniform numbers to one of the standard normal distribution, here cut off. */
function standardNormal(first: number, second: number): number {
  const deviations = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
  return Math.min(MAX_DEVIATIONS, Math.max(-MAX_DEVIATIONS, deviations));
}
