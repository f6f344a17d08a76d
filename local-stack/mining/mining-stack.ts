import { Contract, type JsonRpcApiProvider } from 'ethers';
import type pg from 'pg';
import { RULE_ABI } from '../../contracts/abi.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { createPoolProvider } from '../../activities/chain/endpoints/pool-provider.js';
import { requireKnownChain } from '../../activities/chain/genesis.js';
import { insertRollup, setRollupFollowing } from '../../activities/storage/rollups.js';
import { isLocalChain } from '../../domain/local-chains.js';
import type { ProverBackend } from '../../domain/prover-backend.js';
import { connectEndpoints } from '../../activities/chain/connect-endpoints.js';
import { openBackend } from '../../workers/open-backend.js';
import { readSettings } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';
import { startFollower } from '../../workers/miner/start-followers.js';
import type { Stack } from '../stack.js';
import { readDeployment, writeDeployment, type Deployment } from './deployment-file.js';
import { launchLocalRollup, ruleFor } from './launch-local-rollup.js';
import { localAccounts, type LocalAccounts } from './local-accounts.js';
import { openMinerDatabase, startMinerWorkers } from './miner-workers.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import type { WorkerGroup } from './workers.js';

/** Of local chains, whose blocks are often asked for. */
const POLLING_INTERVAL_MS = 150;

export interface MiningStackOptions extends SessionOptions {
  t1Blocks: number;
  t2Blocks: number;
  /** Whether a rollup that an earlier start of this home launched is used again. */
  reuseRollup: boolean;
}

/** Servers, contracts with one rollup on a local chain, and the workers of one miner on it. */
export interface MiningStack extends Session {
  deployment: Deployment;
  accounts: LocalAccounts;
  /** Asks the same endpoints as `endpoints`, for what ethers does. */
  provider: JsonRpcApiProvider;
  endpoints: EndpointPool;
  workers: WorkerGroup;
}

const localSettings = settings.pick({
  prover: true,
  trustedSetup: true,
  simulatedSeconds: true,
  maxOpenSequences: true,
});

/** Starts all of it; when a part fails, everything is ended and the error names the part. */
export async function startMiningStack(options: MiningStackOptions): Promise<MiningStack> {
  const given = readSettings(options.env, localSettings);
  return openSession(options, async (session) => {
    const { stack, stopwatch, onEnd } = session;
    requireLocalChain(stack);
    const endpoints = await connectEndpoints({ rpcUrls: stack.rpcUrl.split(','), chainId: stack.chainId });
    onEnd(() => endpoints.close());
    const provider = createPoolProvider(endpoints, { pollingIntervalMs: POLLING_INTERVAL_MS });
    onEnd(() => provider.destroy());
    const accounts = localAccounts();
    const { address: miner, privateKey } = accounts.miner;

    // Before the workers open the same keys: they are made once.
    stopwatch.begin('circuits and keys');
    const backend = await openBackend({ ...given, chainId: stack.chainId, cache: stack.cache }, options.report);
    onEnd(() => backend.close());
    const pool = await openMinerDatabase(session);
    await requireKnownChain(pool, endpoints);

    stopwatch.begin('contracts, stake and workers');
    const developmentSetup = given.trustedSetup === 'development';
    const wallet = { ZKPOW_PRIVATE_KEY: privateKey };
    const [deployment, workers] = await bothOrError(
      launchOnce({ ...options, stack, provider, accounts, backend, developmentSetup }),
      startMinerWorkers(session, pool, {
        ...{ miner, wallet, proving: given, report: options.report },
        metricsAddress: options.env['ZKPOW_METRICS_ADDRESS'],
      }),
    );
    await backend.close();
    await follow(session, pool, deployment, given.maxOpenSequences);
    return { deployment, accounts, provider, endpoints, workers };
  });
}

interface LaunchContext extends MiningStackOptions {
  stack: Stack;
  provider: JsonRpcApiProvider;
  accounts: LocalAccounts;
  backend: ProverBackend;
  developmentSetup: boolean;
}

/** The rollup of an earlier start, if it is on this chain and takes the backend's proofs; else a new one. */
async function launchOnce(context: LaunchContext): Promise<Deployment> {
  const { stack, provider, accounts, backend, developmentSetup } = context;
  const { t1Blocks, t2Blocks, blockTimeSeconds } = context;
  const { chainId, home, cache } = stack;
  const earlier = context.reuseRollup ? readDeployment(home) : undefined;
  if (earlier) {
    const difference = await whyNotReused(earlier, chainId, provider, backend);
    if (difference === null) return earlier;
    context.report(`A new rollup is launched, for ${difference}`);
  }
  const rule = await ruleFor(backend, developmentSetup, cache, context.report);
  const windows = { t1Blocks, t2Blocks, blockTimeSeconds };
  const deployment = await launchLocalRollup({
    ...{ provider, chainId, accounts, rule, cache, ...windows },
    report: context.report,
  });
  writeDeployment(home, deployment);
  return deployment;
}

/** Why proofs of this backend cannot go to a rollup of an earlier start; null if they can. */
async function whyNotReused(
  earlier: Deployment,
  chainId: number,
  provider: JsonRpcApiProvider,
  backend: ProverBackend,
): Promise<string | null> {
  const { rollup, rule, prover } = earlier;
  if (earlier.chainId !== chainId || (await provider.getCode(rollup)) === '0x') {
    return `the earlier one, ${rollup}, is not on this chain`;
  }
  if (prover !== backend.proofSystem) return `the earlier one, ${rollup}, takes ${prover} proofs`;
  const expected: unknown = await new Contract(rule, RULE_ABI, provider).getFunction('circuitId')();
  if (expected === backend.circuitId('final')) return null;
  return `the circuits, their keys or the trusted set-up are not those that the type rule of the earlier one, ${rollup}, knows`;
}

/** Has the aggregator follow the rollup, as `npm run start-rollup` does. */
async function follow(
  { client }: Session,
  pool: pg.Pool,
  { chainId, rollup, rollupType, deployBlock: fromBlock, miner }: Deployment,
  maxOpenSequences: number,
): Promise<void> {
  const row = { chainId, rollup, rollupType, fromBlock, startBatch: 1, following: true };
  await insertRollup(pool, row);
  await setRollupFollowing(pool, row, row);
  await startFollower(client, { chainId, rollup, miner, startBatch: 1, maxOpenSequences, after: null });
}

function requireLocalChain({ chainId }: Stack): void {
  if (isLocalChain(chainId)) return;
  throw new Error(
    `This launches a rollup with keys that everybody knows, for local chains only, not for chain ${chainId}. ` +
      'Unset ZKPOW_CHAIN_ID and ZKPOW_RPC_URL to have a local chain started',
  );
}

/** As `Promise.all`, but the other is waited for when one fails, so that it starts nothing after the clean-up. */
async function bothOrError<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}
