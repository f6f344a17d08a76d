import { Logger, type RunnerOptions } from 'graphile-worker';
import { z } from 'zod';
import type { ProofTask } from '../../domain/proof.js';
import { sequenceIdentity } from './program-config.js';

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

/** Batch proofs of a sequence that are to be planned; `folds`: whether its proofs are folded and bound as they come. */
export const planJob = z.object({ sequence: sequenceIdentity, folds: z.boolean() });

/** A proof to be made. */
export const proveJob = planJob.extend({ task: proofTask });

/** A proof to be checked. */
export const checkJob = proveJob.extend({
  proven: z.object({ taskId: z.string(), proofDigest: z.string(), seconds: z.number(), prover: z.string() }),
});

/** The same order as the product's: final before aggregate before batch, lower sequences first. */
export function priorityOf({ kind }: ProofTask, firstBatch: number): number {
  const stage = { final: 0, aggregate: 1, batch: 2 }[kind];
  return stage * 10_000 + firstBatch;
}

/**
 * Machines: each claims its next job when it has handed in a proof. A local queue would claim jobs ahead and keep them
 * from machines that are idle.
 */
export const PROOFS_SETTINGS = {};

/** The aggregator: many short jobs, whose ends are told to the database together. */
export const CHECKS_SETTINGS = { completeJobBatchDelay: 0 };

/**
 * Common settings: workers are told of jobs at once (LISTEN and NOTIFY) and need no polling, statements are prepared, and
 * every job in hand finds a connection.
 */
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
