import type { JsonRpcApiProvider } from 'ethers';
import type pg from 'pg';
import { z } from 'zod';
import { createChainRpc } from '../activities/chain/chain-rpc.js';
import { createPoolProvider } from '../activities/chain/endpoints/pool-provider.js';
import { readRollupEntry } from '../activities/chain/rollup-directory.js';
import { openWallet } from '../activities/sender/wallet.js';
import { migrate } from '../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../activities/storage/prover-roles.js';
import { connectDatabase } from '../platform/connect.js';
import { connectEndpoints } from '../activities/chain/connect-endpoints.js';
import { settings } from '../platform/settings/settings-table.js';
import { minerPolicy, policySettings } from '../platform/settings/policy-settings.js';
import { readSettings } from '../platform/settings/settings.js';
import { walletSettings, walletSource } from '../workers/miner/wallet-source.js';
import { openByHand } from './by-hand/by-hand.js';
import {
  COMMAND_PATIENCE,
  commandEnvironment,
  rollupOf,
  runDirectoryOf,
} from '../local-stack/mining/command-environment.js';
import { minerCallText, runMinerCall } from './miner/miner-calls.js';
import { MINER_HELP, parseMinerCommand, type MinerCommand } from './miner/miner-command.js';
import { openMinerContracts } from './miner/miner-contracts.js';
import { readMinerReport, readMinerStatus, type WishedReserve } from './miner/miner-status.js';
import { minerReportText, minerStatusText } from './miner/miner-status-text.js';
import { proverEnvironmentText } from './miner/prover-environment.js';
import { dismissProver, takeProverBack } from './miner/known-provers.js';
import { distrustLines, trustRuleOf } from './miner/trusted-rules.js';
import { runCommand } from '../local-stack/run-command.js';

await runCommand(async () => {
  const command = parseMinerCommand(process.argv.slice(2));
  if (command === undefined) return console.log(MINER_HELP);
  const env = commandEnvironment();
  if (!('name' in command)) await onRollup(command, env);
  else console.log(await onDatabase(env, (pool, databaseUrl) => onProver(command, env, pool, databaseUrl)));
});

function onProver(
  { command, name }: Extract<MinerCommand, { name: string }>,
  env: NodeJS.ProcessEnv,
  pool: pg.Pool,
  databaseUrl: string,
): Promise<string> {
  if (command === 'readmit-prover') return takeProverBack(pool, name);
  if (command === 'remove-prover') return dismissProver(pool, name);
  return addProver(name, env, pool, databaseUrl);
}

async function addProver(name: string, env: NodeJS.ProcessEnv, pool: pg.Pool, databaseUrl: string): Promise<string> {
  const login = await grantProver(pool, name);
  return proverEnvironmentText(name, env, proverDatabaseUrl(databaseUrl, login));
}

type RollupCommand = Exclude<MinerCommand, { name: string }>;

async function onRollup(command: RollupCommand, env: NodeJS.ProcessEnv): Promise<void> {
  const given = readSettings(env, settings.pick({ rpcUrls: true, chainId: true, miner: true }));
  const rollup = rollupOf(command.rollup, env);
  const endpoints = await connectEndpoints(given, COMMAND_PATIENCE);
  const provider = createPoolProvider(endpoints);
  try {
    await readRollupEntry(createChainRpc(endpoints), { chainId: given.chainId, rollup });
    console.log(await answer(command, { env, provider, rollup, miner: given.miner, chainId: given.chainId }));
  } finally {
    provider.destroy();
    endpoints.close();
  }
}

interface Target {
  env: NodeJS.ProcessEnv;
  provider: JsonRpcApiProvider;
  rollup: string;
  miner: string;
  chainId: number;
}

async function answer(command: RollupCommand, target: Target): Promise<string> {
  const { env, provider, rollup, miner, chainId } = target;
  switch (command.command) {
    case 'status': {
      const report = await readMinerReport(provider, rollup, miner, wishedReserve(env), command.sinceBlock);
      return command.json ? JSON.stringify(report, null, 2) : minerReportText(report, await remarksOn(target));
    }
    case 'trust-rule':
      return onDatabase(env, async (pool) =>
        trustRuleOf(pool, chainId, (await openMinerContracts(rollup, provider)).rollup),
      );
    case 'call': {
      const wallet = (await openWallet(walletSource(readSettings(env, walletSettings)), miner)).connect(provider);
      const options = { runDirectory: runDirectoryOf(env), report: console.log };
      const byHand = await openByHand(wallet, minerCallText(command.call, rollup), options);
      console.log(await runMinerCall(command.call, rollup, byHand));
      return minerStatusText(await readMinerStatus(provider, rollup, miner, wishedReserve(env)));
    }
  }
}

function wishedReserve(env: NodeJS.ProcessEnv): WishedReserve {
  const given = readSettings(env, z.object(policySettings).partial());
  return (decimals) => minerPolicy(given, decimals).reserveWei;
}

/** What the miner's own database says of the rollup; all else is shown without it. */
async function remarksOn({ env, provider, rollup, chainId }: Target): Promise<string[]> {
  if (env['DATABASE_URL'] === undefined) return [];
  const { rollup: contract } = await openMinerContracts(rollup, provider);
  return onDatabase(env, (pool) => distrustLines(pool, chainId, contract)).catch((error: unknown) => [
    `Whether the rollup's type rule is trusted is not known: ${error instanceof Error ? error.message : String(error)}`,
  ]);
}

async function onDatabase<T>(
  env: NodeJS.ProcessEnv,
  work: (pool: pg.Pool, databaseUrl: string) => Promise<T>,
): Promise<T> {
  const { databaseUrl } = readSettings(env, settings.pick({ databaseUrl: true }));
  const pool = await connectDatabase(databaseUrl, () => undefined, COMMAND_PATIENCE);
  try {
    await migrate(pool);
    return await work(pool, databaseUrl);
  } finally {
    await pool.end();
  }
}
