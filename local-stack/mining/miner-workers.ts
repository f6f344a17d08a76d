import type pg from 'pg';
import { migrate } from '../../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { connectDatabase } from '../../platform/connect.js';
import type { Settings } from '../../platform/settings/settings-table.js';
import { chainQueue, proverQueue, senderQueue } from '../../domain/names.js';
import { demoType } from '../../rollup-types/registry.js';
import type { Session } from './session.js';
import { startWorkers, type WorkerGroup, type WorkerPlan } from './workers.js';

/** Name of the prover machine that a stack starts. */
const PROVER_NAME = 'local';
const ROLLUP_TYPE = demoType.type.name;

export interface MinerWorkersOptions {
  /** Address of the miner. */
  miner: string;
  /** Settings by which the sender, and only the sender, gets the miner's key. */
  wallet: Record<string, string>;
  proving: Pick<Settings, 'prover' | 'trustedSetup' | 'simulatedSeconds'>;
  /** Where the first worker shows its metrics; each other one has the next port. Without it none does. */
  metricsAddress?: string | undefined;
  report(line: string): void;
}

function withMetricsAddresses(plans: readonly WorkerPlan[], first: string | undefined): WorkerPlan[] {
  const [, host, port] = /^(.*):(\d+)$/.exec(first ?? '') ?? [];
  return plans.map((plan, index) =>
    host === undefined
      ? plan
      : { ...plan, env: { ...plan.env, ZKPOW_METRICS_ADDRESS: `${host}:${Number(port) + index}` } },
  );
}

/** Opens the miner's database, brought to the newest schema, until the session ends. */
export async function openMinerDatabase({ stack, onEnd }: Session): Promise<pg.Pool> {
  const pool = await connectDatabase(stack.databaseUrl, () => undefined);
  onEnd(() => pool.end());
  await migrate(pool);
  return pool;
}

/** Starts an aggregator, a prover with a login of its own and a sender, and waits until all three work. */
export async function startMinerWorkers(
  session: Session,
  pool: pg.Pool,
  { miner, wallet, proving, metricsAddress, report }: MinerWorkersOptions,
): Promise<WorkerGroup> {
  const { stack, client, ending } = session;
  const login = await grantProver(pool, PROVER_NAME);
  const { batch, aggregate, final } = proving.simulatedSeconds;
  const shared = { ZKPOW_MINER: miner, ZKPOW_PROVER: proving.prover, ZKPOW_TRUSTED_SETUP: proving.trustedSetup };
  const plans: WorkerPlan[] = [
    { name: 'aggregator', args: ['aggregator'], env: shared, queue: chainQueue(stack.chainId) },
    {
      name: 'prover',
      args: ['prover'],
      env: {
        ...shared,
        DATABASE_URL: proverDatabaseUrl(stack.databaseUrl, login),
        ZKPOW_SIMULATED_SECONDS: [batch, aggregate, final].join(','),
        ZKPOW_ROLLUP_TYPE: ROLLUP_TYPE,
        ZKPOW_HARDWARE_CLASS: 'cpu',
      },
      queue: proverQueue(ROLLUP_TYPE, 'cpu'),
    },
    { name: 'sender', args: ['sender'], env: { ...shared, ...wallet }, queue: senderQueue(stack.chainId, miner) },
  ];
  return startWorkers(stack, client, withMetricsAddresses(plans, metricsAddress), { ending, report });
}
