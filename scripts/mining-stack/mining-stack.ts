import type { Client } from '@temporalio/client';
import { JsonRpcProvider } from 'ethers';
import { insertRollup, setRollupFollowing } from '../../activities/storage/rollups.js';
import { migrate } from '../../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { isLocalChain } from '../../provers/local-chains.js';
import { connectChain, connectDatabase, connectTemporalClient } from '../../workers/connect.js';
import { openBackend } from '../../workers/open-backend.js';
import { readSettings, readTemporalSettings } from '../../workers/settings.js';
import { settings, type Settings } from '../../workers/settings-table.js';
import { chainQueue, proverQueue, senderQueue } from '../../workflows/domain/names.js';
import { startStack, type Stack } from '../stack/stack.js';
import { readDeployment, writeDeployment, type Deployment } from './deployment-file.js';
import { launchLocalRollup, verifierFor } from './launch-local-rollup.js';
import { localAccounts, type LocalAccounts } from './local-accounts.js';
import { Stopwatch } from './stopwatch.js';
import { startWorkers, type WorkerGroup, type WorkerPlan } from './workers.js';

/** Of local chains, whose blocks are often asked for. */
const POLLING_INTERVAL_MS = 150;
/** Name of the prover machine that a stack starts. */
const PROVER_NAME = 'local';

export interface MiningStackOptions {
  env: NodeJS.ProcessEnv;
  report(line: string): void;
  /** Told which part of the start is under way. */
  onPhase(phase: string): void;
  /** Names the Temporal namespace and the database; a new name gives new, empty ones. */
  miner?: string;
  blockTimeSeconds: number;
  t1Blocks: number;
  t2Blocks: number;
  /** Whether a rollup that an earlier start of this home launched is used again. */
  reuseRollup: boolean;
}

/** Servers, contracts with one rollup, and the workers of one miner on it. */
export interface MiningStack {
  stack: Stack;
  deployment: Deployment;
  accounts: LocalAccounts;
  provider: JsonRpcProvider;
  client: Client;
  workers: WorkerGroup;
  /** How long each part of the start took. */
  stopwatch: Stopwatch;
  stop(): Promise<void>;
  /** Leaves all processes running. */
  leave(): Promise<void>;
}

const miningSettings = settings.pick({ prover: true, trustedSetup: true, simulatedSeconds: true });
type MiningSettings = Pick<Settings, 'prover' | 'trustedSetup' | 'simulatedSeconds'>;

/** Starts all of it; when a part fails, everything is ended and the error names the part. */
export async function startMiningStack(options: MiningStackOptions): Promise<MiningStack> {
  const { env, report, blockTimeSeconds, miner } = options;
  const given = readSettings(env, miningSettings);
  const ending = new AbortController();
  const onSignal = (): void => ending.abort();
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of SIGNALS) process.once(signal, onSignal);

  const stopwatch = new Stopwatch(options.onPhase);
  stopwatch.begin('Temporal, Postgres and the chain');
  const stack = await startStack({ env, report, blockTimeSeconds, ...(miner === undefined ? {} : { miner }) });
  const closers: (() => unknown)[] = [() => ending.abort()];
  const close = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    for (const closer of closers.splice(0)) await closer();
  };
  try {
    requireLocalChain(stack);
    const provider = await openProvider(stack);
    closers.push(() => provider.destroy());
    const accounts = localAccounts();
    const deployment = await launchOnce({ ...options, given, stack, provider, accounts, stopwatch });

    stopwatch.begin('workers');
    const client = await connectTemporalClient(readTemporalSettings({ ...env, ...stack.environment }));
    closers.push(() => client.connection.close());
    const plans = await planWorkers(stack, deployment, accounts, given);
    const workers = await startWorkers(stack, client, plans, { ending: ending.signal, report });
    stopwatch.end();
    return {
      ...{ stack, deployment, accounts, provider, client, workers, stopwatch },
      stop: () => close().then(() => stack.stop()),
      leave: () => close().then(() => stack.leave()),
    };
  } catch (error) {
    await close();
    await stack.stop();
    throw error;
  }
}

interface LaunchContext extends MiningStackOptions {
  given: MiningSettings;
  stack: Stack;
  provider: JsonRpcProvider;
  accounts: LocalAccounts;
  stopwatch: Stopwatch;
}

/** The rollup of an earlier start, if it is on this chain and of the same proof system; else a new one. */
async function launchOnce(context: LaunchContext): Promise<Deployment> {
  const { given, stack, provider, stopwatch, accounts } = context;
  const { t1Blocks, t2Blocks, blockTimeSeconds } = context;
  const earlier = context.reuseRollup ? readDeployment(stack.home) : undefined;
  if (earlier?.chainId === stack.chainId && earlier.prover === given.prover) {
    if ((await provider.getCode(earlier.rollup)) !== '0x') return earlier;
  }
  stopwatch.begin('circuits and keys');
  const { chainId, cache } = stack;
  const backend = await openBackend({ ...given, chainId, cache }, context.report);
  try {
    const verifier = await verifierFor(backend, given.trustedSetup === 'development');
    stopwatch.begin('contracts and deposit');
    const launch = { provider, chainId, accounts, verifier, t1Blocks, t2Blocks, blockTimeSeconds };
    const deployment = await launchLocalRollup(launch);
    writeDeployment(stack.home, deployment);
    return deployment;
  } finally {
    await backend.close();
  }
}

async function planWorkers(
  stack: Stack,
  deployment: Deployment,
  accounts: LocalAccounts,
  given: MiningSettings,
): Promise<WorkerPlan[]> {
  const { chainId, rollup, rollupType, deployBlock: fromBlock, miner } = deployment;
  await migrate(stack.databaseUrl);
  const pool = await connectDatabase(stack.databaseUrl, () => undefined);
  try {
    const row = { chainId, rollup, rollupType, fromBlock, startBatch: 1, following: true };
    await insertRollup(pool, row);
    await setRollupFollowing(pool, row, row);
    const login = await grantProver(pool, PROVER_NAME);
    const { batch, aggregate, final } = given.simulatedSeconds;
    const shared = { ZKPOW_MINER: miner, ZKPOW_PROVER: given.prover, ZKPOW_TRUSTED_SETUP: given.trustedSetup };
    return [
      { name: 'aggregator', args: ['aggregator'], env: shared, queue: chainQueue(chainId) },
      {
        name: 'prover',
        args: ['prover'],
        env: {
          ...shared,
          DATABASE_URL: proverDatabaseUrl(stack.databaseUrl, login),
          ZKPOW_SIMULATED_SECONDS: [batch, aggregate, final].join(','),
        },
        queue: proverQueue(rollupType, 'cpu'),
      },
      {
        name: 'sender',
        args: ['sender'],
        env: { ...shared, ZKPOW_PRIVATE_KEY: accounts.miner.privateKey },
        queue: senderQueue(chainId, miner),
      },
    ];
  } finally {
    await pool.end();
  }
}

function requireLocalChain({ chainId }: Stack): void {
  if (isLocalChain(chainId)) return;
  throw new Error(
    `This launches a rollup with keys that everybody knows, for local chains only, not for chain ${chainId}. ` +
      'Unset ZKPOW_CHAIN_ID and ZKPOW_RPC_URL, or run the workers one by one against your own rollup (README)',
  );
}

async function openProvider({ rpcUrl, chainId }: Stack): Promise<JsonRpcProvider> {
  const [first = rpcUrl] = rpcUrl.split(',');
  const provider = await connectChain({ rpcUrls: [first], chainId });
  if (!(provider instanceof JsonRpcProvider)) throw new TypeError('one endpoint makes one provider');
  provider.pollingInterval = POLLING_INTERVAL_MS;
  return provider;
}
