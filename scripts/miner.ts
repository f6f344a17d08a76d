import { createChainRpc } from '../activities/chain/chain-rpc.js';
import { readRollupEntry } from '../activities/chain/rollup-directory.js';
import { openWallet } from '../activities/sender/wallet.js';
import { migrate } from '../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../activities/storage/prover-roles.js';
import { readmitProver, selectProvers } from '../activities/storage/provers.js';
import { connectDatabase, connectEndpoints } from '../workers/connect.js';
import { settings } from '../workers/settings-table.js';
import { readSettings } from '../workers/settings.js';
import { walletSettings, walletSource } from '../workers/wallet-source.js';
import { COMMAND_PATIENCE, commandEnvironment, rollupOf } from './mining-stack/command-environment.js';
import { runMinerCall } from './miner/miner-calls.js';
import { MINER_HELP, parseMinerCommand, type MinerCommand } from './miner/miner-command.js';
import { minerStatusText, readMinerStatus } from './miner/miner-status.js';
import { proverEnvironmentText } from './miner/prover-environment.js';
import { runCommand } from './stack/run-command.js';

await runCommand(async () => {
  const command = parseMinerCommand(process.argv.slice(2));
  const env = commandEnvironment();
  if (command === undefined) console.log(MINER_HELP);
  else if (command.command === 'status' || command.command === 'call') await onRollup(command, env);
  else if (command.command === 'add-prover') await addProver(command.name, env);
  else await takeProverBack(command.name, env);
});

async function onRollup(command: Exclude<MinerCommand, { name: string }>, env: NodeJS.ProcessEnv): Promise<void> {
  const given = readSettings(env, settings.pick({ rpcUrls: true, chainId: true, miner: true }));
  const rollup = rollupOf(command.rollup, env);
  const endpoints = await connectEndpoints(given, COMMAND_PATIENCE);
  try {
    await readRollupEntry(createChainRpc(given.chainId, endpoints), { chainId: given.chainId, rollup });
    const [provider] = endpoints;
    if (!provider) throw new Error('ZKPOW_RPC_URL names no endpoint');
    if (command.command === 'call') {
      const source = walletSource(readSettings(env, walletSettings));
      const wallet = (await openWallet(source, given.miner)).connect(provider);
      console.log(await runMinerCall(command.call, rollup, wallet));
    }
    const status = await readMinerStatus(provider, rollup, given.miner);
    const json = command.command === 'status' && command.json;
    console.log(json ? JSON.stringify(status, null, 2) : minerStatusText(status));
  } finally {
    endpoints.forEach((endpoint) => endpoint.destroy());
  }
}

async function addProver(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { databaseUrl } = readSettings(env, settings.pick({ databaseUrl: true }));
  const pool = await connectDatabase(databaseUrl, () => undefined, COMMAND_PATIENCE);
  try {
    await migrate(pool);
    const login = await grantProver(pool, name);
    console.log(proverEnvironmentText(name, env, proverDatabaseUrl(databaseUrl, login)));
  } finally {
    await pool.end();
  }
}

async function takeProverBack(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { databaseUrl } = readSettings(env, settings.pick({ databaseUrl: true }));
  const pool = await connectDatabase(databaseUrl, () => undefined, COMMAND_PATIENCE);
  try {
    await migrate(pool);
    const provers = await selectProvers(pool);
    const prover = provers.find((row) => row.name === name);
    if (!prover) {
      const known = provers.length > 0 ? provers.map((row) => row.name).join(', ') : 'none';
      throw new Error(`There is no prover "${name}", known: ${known}. "npm run miner -- add-prover NAME" adds one`);
    }
    if (prover.setAsideFor === null) return console.log(`${name} is not set aside: its proofs are taken`);
    await readmitProver(pool, name);
    console.log(`${name} may prove again; it was set aside for: ${prover.setAsideFor}`);
  } finally {
    await pool.end();
  }
}
