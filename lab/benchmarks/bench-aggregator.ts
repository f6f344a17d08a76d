import { Worker } from '@temporalio/worker';
import { createLog } from '../../platform/log.js';
import { connectTemporalWorker } from '../../platform/connect.js';
import { runWorkers } from '../../platform/run-workers.js';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue } from '../../domain/names.js';
import { createFinalProofStore } from '../../activities/storage/final-proof-store.js';
import { createPool } from '../../activities/storage/database.js';
import { aggregatorConfig, readProgramConfig } from './program-config.js';
import { BENCH_CHAIN } from './bench-rollup.js';
import { createBenchChain } from './bench-chain.js';
import { createBenchGenerator } from './bench-generator.js';

/** As the aggregator has them (`workers/aggregator.ts`). */
const MAX_CHECKS_AT_ONCE = 8;
const MAX_CHAIN_READS = 200;
const MAX_CHAIN_WAITS = 4_000;

/**
 * The aggregator's process: its workflows and the Proof Generator's activities on a worker, the chain's activities on
 * two others, as in `workers/aggregator.ts`; the chain itself is made up.
 */
const config = readProgramConfig(aggregatorConfig);
const log = createLog('aggregator', 'info', process.env);
const pool = createPool(config.databaseUrl);
const finals = createFinalProofStore(pool, config.finalsDirectory);
const connection = await connectTemporalWorker({ connectionOptions: { address: config.temporalAddress } });
const shared = { connection, namespace: config.namespace };
const chain = { ...createBenchChain(config.sequences, finals) };
const workers = [
  await Worker.create({
    ...{ ...shared, taskQueue: AGGREGATOR_QUEUE, workflowBundle: { codePath: config.bundle } },
    activities: { ...createBenchGenerator(pool, finals, config.inputBytes) },
    maxConcurrentActivityTaskExecutions: MAX_CHECKS_AT_ONCE,
  }),
  await Worker.create({
    ...{ ...shared, taskQueue: chainQueue(BENCH_CHAIN), activities: chain },
    maxConcurrentActivityTaskExecutions: MAX_CHAIN_READS,
  }),
  await Worker.create({
    ...{ ...shared, taskQueue: chainWaitsQueue(BENCH_CHAIN), activities: chain },
    maxConcurrentActivityTaskExecutions: MAX_CHAIN_WAITS,
  }),
];
try {
  await runWorkers(workers, { log });
} finally {
  await connection.close();
  await pool.end();
}
process.exit();
