import { z } from 'zod';
import { createLog } from '../../platform/log.js';

/**
 * Runs several workers in one process, as `npm run worker` runs one: starting a process takes longer than many a
 * scenario's round. What they are is in the environment variable `ZKPOW_SCENARIO_WORKERS`. Only their own modules are
 * loaded: a scenario starts many.
 */
const LOAD = {
  aggregator: async () => (await import('../../workers/aggregator.js')).runAggregator,
  prover: async () => (await import('../../workers/prover.js')).runProver,
  sender: async () => (await import('../../workers/sender.js')).runSender,
};
const workersSchema = z.array(
  z.object({ role: z.enum(['aggregator', 'prover', 'sender']), env: z.record(z.string(), z.string()) }),
);

/** Stages that end sooner than their rollup type says, where a scenario waits for their end. */
async function shortenStages(seconds: string | undefined): Promise<void> {
  if (seconds === undefined) return;
  const { demoType } = await import('../../rollup-types/registry.js');
  for (const stage of Object.values(demoType.type.manifest)) stage.timeoutMs = Number(seconds) * 1_000;
}

const workers = workersSchema.parse(JSON.parse(process.env['ZKPOW_SCENARIO_WORKERS'] ?? '[]'));
await Promise.all(
  workers.map(async ({ role, env }) => {
    const log = createLog(role, 'info', env).child({ miner: env['ZKPOW_MINER'] });
    try {
      await shortenStages(env['ZKPOW_SCENARIO_STAGE_SECONDS']);
      const run = await LOAD[role]();
      await run(env, log);
    } catch (error) {
      log.fatal({ error }, 'the worker has failed');
      process.exit(1);
    }
  }),
);
process.exit(0);
