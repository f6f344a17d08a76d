import { makeWorkerUtils, run } from 'graphile-worker';
import type { z } from 'zod';
import { createLog } from '../../platform/log.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { ProofTask } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { createPool } from '../../activities/storage/database.js';
import { createFinalProofStore } from '../../activities/storage/final-proof-store.js';
import { createBenchGenerator } from './bench-generator.js';
import { createFolding, type Folding } from './folding.js';
import { queueAggregatorConfig, readProgramConfig } from './program-config.js';
import { CHECKS, checkJob, CHECKS_SETTINGS, jobSettings, planJob, PROOFS, QUIET, priorityOf } from './job-queue.js';
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
const foldings = new Map<string, Folding>();

/** What this process remembers of a sequence. */
function foldingOf(sequence: SequenceIdentity): Folding {
  const id = sequenceWorkflowId(sequence);
  const folding = foldings.get(id) ?? createFolding(generator, sequence);
  foldings.set(id, folding);
  return folding;
}

async function addProofs(plan: z.infer<typeof planJob>, tasks: readonly ProofTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await queue.addJobs(
    tasks.map((task) => ({
      identifier: 'prove',
      payload: { ...plan, task },
      priority: priorityOf(task, plan.sequence.firstBatch),
    })),
  );
}

const runner = await run({
  ...jobSettings(config.databaseUrl, CHECKS, CHECKS_AT_ONCE, CHECKS_SETTINGS),
  taskList: {
    plan: async (payload) => {
      const plan = planJob.parse(payload);
      const planned = await runActivity(SILENT, () => generator.planBatchProofs(plan.sequence));
      await addProofs(
        plan,
        planned.map(({ task }) => task),
      );
    },
    check: async (payload) => {
      const { sequence, folds, task, proven } = checkJob.parse(payload);
      const verdict = await runActivity(SILENT, () => generator.acceptProof({ sequence, task, proven }));
      if (!verdict.accepted) throw new Error(verdict.reason);
      if (folds) await addProofs({ sequence, folds }, await foldingOf(sequence).next(verdict.accepted));
    },
  },
});
log.info('running');
await runner.promise;
await queue.release();
await pool.end();
process.exit();
