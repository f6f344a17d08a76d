import type { ClaimedTask } from '../proof-slots.js';
import type { Logger } from '../../../platform/log.js';

/** What is known of a proof at its end. Times are wall clock, in milliseconds. */
export interface ProofRecord extends ClaimedTask {
  beganAtMs: number;
  endedAtMs: number;
  outcome: 'made' | 'failed';
}

/** The line in which a person, and the benchmarks, see a proof: `proof made` or `proof failed`. */
export function logProof(log: Logger, { outcome, ...record }: ProofRecord): void {
  log.info({ ...record, seconds: (record.endedAtMs - record.beganAtMs) / 1000 }, `proof ${outcome}`);
}
