import { makeWorkerUtils, run } from 'graphile-worker';
import { z } from 'zod';
import { createLog } from '../../workers/log.js';
import type { AcceptedProof, ProofTask } from '../../workflows/domain/proof.js';
import { createPool } from '../../activities/storage/database.js';
import { createFinalProofStore } from '../../activities/storage/final-proof-store.js';
import { createBenchGenerator } from './bench-generator.js';
import { createFolding, type Folding } from './folding.js';
import { queueAggregatorConfig, readProgramConfig } from './program-config.js';
import { CHECKS, checkJob, CHECKS_SETTINGS, jobSettings, PROOFS, QUIET, priorityOf } from './job-queue.js';
import { runActivity, SILENT } from './without-temporal.js';

/** As many as the product's aggregator has. */
const CHECKS_AT_ONCE = 8;

/** The aggregator on a plain job queue: plans sequences, checks proofs, and puts what can be done next into the queue. */
const config = readProgramConfig(queueAggregatorConfig);
const log = createLog('aggregator', 'info', process.env);
const pool = createPool(config.databaseUrl);
const generator = createBenchGenerator(pool, createFinalProofStore(pool, config.finalsDirectory), config.inputBytes);
const queue = await makeWorkerUtils({ connectionString: config.databaseUrl, schema: PROOFS, logger: QUIET });
await queue.migrate();
const foldings = new Map<number, Folding>(
  config.sequences.map((sequence) => [sequence.firstBatch, createFolding(generator, sequence)]),
);

function foldingOf(firstBatch: number): Folding {
  const folding = foldings.get(firstBatch);
  if (!folding) throw new Error(`No sequence begins with batch ${firstBatch}`);
  return folding;
}

async function addProofs(firstBatch: number, tasks: readonly ProofTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await queue.addJobs(
    tasks.map((task) => ({
      identifier: 'prove',
      payload: { firstBatch, task },
      priority: priorityOf(task, firstBatch),
    })),
  );
}

async function goOn(firstBatch: number, accepted: AcceptedProof): Promise<void> {
  if (config.folds) await addProofs(firstBatch, await foldingOf(firstBatch).next(accepted));
}

const planJob = z.object({ firstBatch: z.number() });
const runner = await run({
  ...jobSettings(config.databaseUrl, CHECKS, CHECKS_AT_ONCE, CHECKS_SETTINGS),
  taskList: {
    plan: async (payload) => {
      const { firstBatch } = planJob.parse(payload);
      const { sequence } = foldingOf(firstBatch);
      const planned = await runActivity(SILENT, () => generator.planBatchProofs(sequence));
      await addProofs(
        firstBatch,
        planned.map(({ task }) => task),
      );
    },
    check: async (payload) => {
      const { firstBatch, task, proven } = checkJob.parse(payload);
      const { sequence } = foldingOf(firstBatch);
      const verdict = await runActivity(SILENT, () => generator.acceptProof({ sequence, task, proven }));
      if (!verdict.accepted) throw new Error(verdict.reason);
      await goOn(firstBatch, verdict.accepted);
    },
  },
});
log.info('running');
await runner.promise;
await queue.release();
await pool.end();
process.exit();
