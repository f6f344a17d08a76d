import { createChainRpc } from '../activities/chain/chain-rpc.js';
import { readRollupEntry } from '../activities/chain/rollup-directory.js';
import { openWallet } from '../activities/sender/wallet.js';
import { migrate } from '../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../activities/storage/prover-roles.js';
import { connectDatabase, connectEndpoints } from '../workers/connect.js';
import { settings } from '../workers/settings-table.js';
import { readSettings } from '../workers/settings.js';
import { walletSettings, walletSource } from '../workers/wallet-source.js';
import { COMMAND_PATIENCE, commandEnvironment, rollupOf } from './mining-stack/command-environment.js';
import { MINER_HELP, parseMinerCommand, type MinerCommand } from './miner/miner-command.js';
import { inCoins, openMinerContracts, requireFunds, sendByHand } from './miner/miner-contracts.js';
import { minerStatusText, readMinerStatus } from './miner/miner-status.js';
import { runCommand } from './stack/run-command.js';

await runCommand(async () => {
  const command = parseMinerCommand(process.argv.slice(2));
  const env = commandEnvironment();
  if (command === undefined) console.log(MINER_HELP);
  else if (command.command === 'add-prover') await addProver(command.name, env);
  else await onRollup(command, env);
});

async function onRollup(
  command: Exclude<MinerCommand, { command: 'add-prover' }>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const given = readSettings(env, settings.pick({ rpcUrls: true, chainId: true, miner: true }));
  const rollup = rollupOf(command.rollup, env);
  const endpoints = await connectEndpoints(given, COMMAND_PATIENCE);
  try {
    await readRollupEntry(createChainRpc(given.chainId, endpoints), { chainId: given.chainId, rollup });
    const [provider] = endpoints;
    if (!provider) throw new Error('ZKPOW_RPC_URL names no endpoint');
    if (command.command === 'deposit') {
      const source = walletSource(readSettings(env, walletSettings));
      const wallet = (await openWallet(source, given.miner)).connect(provider);
      await requireFunds(wallet, command.amountWei);
      const { pool } = await openMinerContracts(rollup, wallet);
      const receipt = await sendByHand(pool, 'deposit', [rollup, command.amountWei], command.amountWei);
      console.log(
        `Deposited ${inCoins(command.amountWei)} in block ${receipt.blockNumber}, transaction ${receipt.hash}`,
      );
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
    console.log(`On ${name}, with the address of this machine where it says 127.0.0.1:`);
    console.log(`  DATABASE_URL='${proverDatabaseUrl(databaseUrl, login)}'`);
    for (const variable of ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'ZKPOW_CHAIN_ID', 'ZKPOW_PROVER']) {
      if (env[variable] !== undefined) console.log(`  ${variable}='${env[variable]}'`);
    }
    console.log('  npm run worker -- prover');
  } finally {
    await pool.end();
  }
}
