import { isLocalChain } from '../../provers/local-chains.js';
import { readSettings } from '../../workers/settings.js';
import { settings } from '../../workers/settings-table.js';
import { walletSettings, walletSource } from '../../workers/wallet-source.js';
import { openMinerDatabase, startMinerWorkers } from './miner-workers.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import type { WorkerGroup } from './workers.js';

/** Servers and the workers of the miner that the settings name. */
export interface OwnMinerStack extends Session {
  miner: string;
  workers: WorkerGroup;
}

const WALLET_VARIABLES = ['ZKPOW_PRIVATE_KEY', 'ZKPOW_KEYSTORE', 'ZKPOW_KEYSTORE_PASSWORD_FILE'];
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
  const given = readSettings(options.env, minerSettings);
  // A missing key is told before anything is started.
  walletSource(given);
  const wallet: Record<string, string> = {};
  for (const name of WALLET_VARIABLES) {
    const value = options.env[name];
    if (value !== undefined) wallet[name] = value;
  }
  return openSession(options, async (session) => {
    const pool = await openMinerDatabase(session);
    session.stopwatch.begin('workers');
    const { miner } = given;
    const workers = await startMinerWorkers(session, pool, { miner, wallet, proving: given, report: options.report });
    return { miner, workers };
  });
}
