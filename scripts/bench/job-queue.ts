import { Logger, type RunnerOptions } from 'graphile-worker';
import { z } from 'zod';
import type { ProofTask } from '../../workflows/domain/proof.js';

/** Schemas of the two queues: proofs for the machines, checks for the aggregator. Neither wakes the other's workers. */
export const PROOFS = 'proof_jobs';
export const CHECKS = 'check_jobs';

export const QUIET = new Logger(() => () => {});

const proofTask: z.ZodType<ProofTask> = z.object({
  taskId: z.string(),
  kind: z.enum(['batch', 'aggregate', 'final']),
  rollupType: z.string(),
  firstBatch: z.number(),
  lastBatch: z.number(),
  inputDigest: z.string(),
});

/** A proof to be made, of the sequence that begins with this batch. */
export const proveJob = z.object({ firstBatch: z.number(), task: proofTask });

/** A proof to be checked. */
export const checkJob = proveJob.extend({
  proven: z.object({ taskId: z.string(), proofDigest: z.string(), seconds: z.number(), prover: z.string() }),
});

/** The same order as the product's: final before aggregate before batch, lower sequences first. */
export function priorityOf({ kind }: ProofTask, firstBatch: number): number {
  const stage = { final: 0, aggregate: 1, batch: 2 }[kind];
  return stage * 10_000 + firstBatch;
}

/** Machines: the next job is claimed when the proof in hand is done. */
export const PROOFS_SETTINGS = {};

/** The aggregator: many short jobs. */
export const CHECKS_SETTINGS = {};

/** What it is set to for speed: told of jobs at once, prepared statements, no polling worth mentioning. */
export function jobSettings(
  connectionString: string,
  schema: string,
  concurrentJobs: number,
  worker: Partial<NonNullable<RunnerOptions['preset']>['worker']>,
): RunnerOptions {
  return {
    logger: QUIET,
    noHandleSignals: false,
    preset: {
      worker: {
        ...{ connectionString, schema, concurrentJobs, pollInterval: 2_000, maxPoolSize: concurrentJobs + 2 },
        ...worker,
      },
    },
  };
}
