import type pg from 'pg';
import { createChainRpc } from '../activities/chain/chain-rpc.js';
import { createPoolProvider } from '../activities/chain/endpoints/pool-provider.js';
import { readRollupEntry } from '../activities/chain/rollup-directory.js';
import { openWallet } from '../activities/sender/wallet.js';
import { migrate } from '../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../activities/storage/prover-roles.js';
import { connectDatabase, connectEndpoints } from '../workers/connect.js';
import { settings } from '../workers/settings/settings-table.js';
import { readSettings } from '../workers/settings/settings.js';
import { walletSettings, walletSource } from '../workers/miner/wallet-source.js';
import { openByHand } from './by-hand/by-hand.js';
import { COMMAND_PATIENCE, commandEnvironment, rollupOf, runDirectoryOf } from './mining-stack/command-environment.js';
import { minerCallText, runMinerCall } from './miner/miner-calls.js';
import { MINER_HELP, parseMinerCommand, type MinerCommand } from './miner/miner-command.js';
import { minerReportText, minerStatusText, readMinerReport, readMinerStatus } from './miner/miner-status.js';
import { proverEnvironmentText } from './miner/prover-environment.js';
import { dismissProver, takeProverBack } from './miner/known-provers.js';
import { runCommand } from './stack/run-command.js';

await runCommand(async () => {
  const command = parseMinerCommand(process.argv.slice(2));
  if (command === undefined) return console.log(MINER_HELP);
  const env = commandEnvironment();
  if (command.command === 'status' || command.command === 'call') await onRollup(command, env);
  else if (command.command === 'readmit-prover') await onDatabase(env, (pool) => takeProverBack(pool, command.name));
  else if (command.command === 'remove-prover') await onDatabase(env, (pool) => dismissProver(pool, command.name));
  else {
    await onDatabase(env, async (pool, databaseUrl) => {
      const login = await grantProver(pool, command.name);
      return proverEnvironmentText(command.name, env, proverDatabaseUrl(databaseUrl, login));
    });
  }
});

async function onRollup(command: Exclude<MinerCommand, { name: string }>, env: NodeJS.ProcessEnv): Promise<void> {
  const given = readSettings(env, settings.pick({ rpcUrls: true, chainId: true, miner: true }));
  const rollup = rollupOf(command.rollup, env);
  const endpoints = await connectEndpoints(given, COMMAND_PATIENCE);
  const provider = createPoolProvider(endpoints);
  try {
    await readRollupEntry(createChainRpc(endpoints), { chainId: given.chainId, rollup });
    if (command.command === 'call') {
      const source = walletSource(readSettings(env, walletSettings));
      const wallet = (await openWallet(source, given.miner)).connect(provider);
      const options = { runDirectory: runDirectoryOf(env), report: console.log };
      const byHand = await openByHand(wallet, minerCallText(command.call, rollup), options);
      console.log(await runMinerCall(command.call, rollup, byHand));
    }
    if (command.command === 'call')
      return console.log(minerStatusText(await readMinerStatus(provider, rollup, given.miner)));
    const report = await readMinerReport(provider, rollup, given.miner, command.sinceBlock);
    console.log(command.json ? JSON.stringify(report, null, 2) : minerReportText(report));
  } finally {
    provider.destroy();
    endpoints.close();
  }
}

async function onDatabase(
  env: NodeJS.ProcessEnv,
  work: (pool: pg.Pool, databaseUrl: string) => Promise<string>,
): Promise<void> {
  const { databaseUrl } = readSettings(env, settings.pick({ databaseUrl: true }));
  const pool = await connectDatabase(databaseUrl, () => undefined, COMMAND_PATIENCE);
  try {
    await migrate(pool);
    console.log(await work(pool, databaseUrl));
  } finally {
    await pool.end();
  }
}
