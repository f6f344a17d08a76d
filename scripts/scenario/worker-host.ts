import { z } from 'zod';
import { findRollupType } from '../../activities/proving/rollup-types.js';
import { runAggregator } from '../../workers/aggregator.js';
import { createLog, type Logger } from '../../workers/log.js';
import { runProver } from '../../workers/prover.js';
import { runSender } from '../../workers/sender.js';

/**
 * Runs several workers in one process, as `npm run worker` runs one: starting a process takes longer than many a
 * scenario's round. What they are is in the environment variable `ZKPOW_SCENARIO_WORKERS`.
 */
const RUN: Record<'aggregator' | 'prover' | 'sender', (env: NodeJS.ProcessEnv, log: Logger) => Promise<void>> = {
  aggregator: runAggregator,
  prover: runProver,
  sender: runSender,
};
const workersSchema = z.array(
  z.object({ role: z.enum(['aggregator', 'prover', 'sender']), env: z.record(z.string(), z.string()) }),
);

/** Stages that end sooner than their rollup type says, where a scenario waits for their end. */
function shortenStages(seconds: string | undefined): void {
  if (seconds === undefined) return;
  for (const stage of Object.values(findRollupType('transfers').manifest)) stage.timeoutMs = Number(seconds) * 1_000;
}

const workers = workersSchema.parse(JSON.parse(process.env['ZKPOW_SCENARIO_WORKERS'] ?? '[]'));
await Promise.all(
  workers.map(async ({ role, env }) => {
    const log = createLog(role, 'info', env).child({ miner: env['ZKPOW_MINER'] });
    try {
      shortenStages(env['ZKPOW_SCENARIO_STAGE_SECONDS']);
      await RUN[role](env, log);
    } catch (error) {
      log.fatal({ error }, 'the worker has failed');
      process.exit(1);
    }
  }),
);
process.exit(0);
