import { isLocalChain } from '../../domain/local-chains.js';
import { infoOf, readSettings } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';
import { walletProblems, walletSettings } from '../../workers/miner/wallet-source.js';
import { openMinerDatabase, startMinerWorkers } from './miner-workers.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import type { WorkerGroup } from './workers.js';

/** Servers and the workers of the miner that the settings name. */
export interface OwnMinerStack extends Session {
  miner: string;
  workers: WorkerGroup;
}

const minerSettings = settings
  .pick({ prover: true, trustedSetup: true, simulatedSeconds: true, miner: true, chainId: true })
  .extend(walletSettings.shape);

/** Whether a stack is to work for the miner in the settings, on rollups that exist, instead of launching its own. */
export function worksForOwnMiner(env: NodeJS.ProcessEnv): boolean {
  const { chainId } = readSettings(env, settings.pick({ chainId: true }));
  return env['ZKPOW_MINER'] !== undefined || !isLocalChain(chainId);
}

/**
 * Starts the servers that no setting names, and the workers. Nothing is launched on the chain: `npm run start-rollup`
 * says which rollups are followed.
 */
export async function startOwnMinerStack(options: SessionOptions): Promise<OwnMinerStack> {
  // A missing key is told before anything is started.
  const given = readSettings(options.env, minerSettings, walletProblems);
  const wallet: Record<string, string> = {};
  for (const [name, schema] of Object.entries(walletSettings.shape)) {
    const { env: variable } = infoOf(name, schema);
    const value = options.env[variable];
    if (value !== undefined) wallet[variable] = value;
  }
  return openSession(options, async (session) => {
    const pool = await openMinerDatabase(session);
    session.stopwatch.begin('workers');
    const { miner } = given;
    const metricsAddress = options.env['ZKPOW_METRICS_ADDRESS'];
    const workers = await startMinerWorkers(session, pool, {
      ...{ miner, wallet, proving: given, metricsAddress, report: options.report },
    });
    return { miner, workers };
  });
}
