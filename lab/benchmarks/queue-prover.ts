import { makeWorkerUtils, run } from 'graphile-worker';
import { createLog } from '../../platform/log.js';
import { CHECKS, jobSettings, PROOFS, PROOFS_SETTINGS, proveJob, QUIET } from './job-queue.js';
import { openOtherProver } from './other-prover.js';
import { otherProverConfig, readProgramConfig } from './program-config.js';

/** A mining machine on a plain job queue: one job at a time, made by the product's own activity. */
const config = readProgramConfig(otherProverConfig);
const log = createLog('prover', 'info', process.env);
const prover = openOtherProver(config, log);
const checks = await makeWorkerUtils({ connectionString: config.queueUrl, schema: CHECKS, logger: QUIET });
const runner = await run({
  ...jobSettings(config.queueUrl, PROOFS, 1, PROOFS_SETTINGS),
  taskList: {
    prove: async (payload, { job: { created_at: queuedAt } }) => {
      const job = proveJob.parse(payload);
      const proven = await prover.prove(job.task, queuedAt.getTime());
      await checks.addJob('check', { ...job, proven }, { priority: job.sequence.firstBatch });
    },
  },
});
log.info('running');
await runner.promise;
await checks.release();
await prover.close();
process.exit();
