import { MockActivityEnvironment } from '@temporalio/testing';
import type { Logger } from '@temporalio/common';
import type pg from 'pg';
import type { PlannedProof } from '../../domain/proof-generator-activities.js';
import { createFinalProofStore } from '../../activities/storage/final-proof-store.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { createBenchGenerator } from './bench-generator.js';
import type { BenchWork } from './bench-work.js';

/**
 * Runs one of the product's activities outside Temporal: what it does with data and proofs is the same, and who hands
 * the work out is another.
 *
 * @param queuedAtMs when its task came into the queue, in milliseconds since 1970
 */
export function runActivity<T>(logger: Logger, run: () => Promise<T>, queuedAtMs = Date.now()): Promise<T> {
  const info = { currentAttemptScheduledTimestampMs: queuedAtMs };
  return new MockActivityEnvironment(info, { logger }).run(run);
}

/** A logger for activities that are of no interest. */
export const SILENT: Logger = {
  log: () => {},
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/** The batch tasks of a work, made before the clock starts. */
export async function planBatches(pool: pg.Pool, { sequences, inputBytes }: BenchWork): Promise<PlannedProof[]> {
  const generator = createBenchGenerator(pool, createFinalProofStore(pool, null), inputBytes);
  const planned: PlannedProof[] = [];
  for (const sequence of sequences) {
    planned.push(...(await runActivity(SILENT, () => generator.planBatchProofs(sequence))));
  }
  return planned;
}

/** Of all planned tasks those of one sequence. */
export function tasksOf({ firstBatch, lastBatch }: SequenceIdentity, planned: readonly PlannedProof[]): PlannedProof[] {
  return planned.filter(({ task }) => task.firstBatch >= firstBatch && task.lastBatch <= lastBatch);
}
