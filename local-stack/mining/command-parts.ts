import type { Client } from '@temporalio/client';
import type { JsonRpcApiProvider } from 'ethers';
import type pg from 'pg';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { createPoolProvider } from '../../activities/chain/endpoints/pool-provider.js';
import { requireKnownChain } from '../../activities/chain/genesis.js';
import { migrate } from '../../activities/storage/migrate.js';
import { connectDatabase, connectTemporalClient } from '../../platform/connect.js';
import { connectEndpoints } from '../../activities/chain/connect-endpoints.js';
import { settings, type Settings } from '../../platform/settings/settings-table.js';
import { readSettings, readTemporalSettings, SettingsError } from '../../platform/settings/settings.js';
import { COMMAND_PATIENCE, commandEnvironment } from './command-environment.js';

/** What a command works with: the parts of the running stack, or those that settings name. */
export interface CommandParts {
  env: NodeJS.ProcessEnv;
  chainId: number;
  client: Client;
  pool: pg.Pool;
  /** Asks the same endpoints as `rpc`, for what ethers does. */
  provider: JsonRpcApiProvider;
  endpoints: EndpointPool;
  rpc: ChainRpc;
}

/**
 * Connects a command to chain, database and Temporal and closes them afterwards.
 *
 * @throws Error naming the first part that does not answer within seconds, and what starts it
 */
export async function withCommandParts(run: (parts: CommandParts) => Promise<void>): Promise<void> {
  const env = commandEnvironment();
  const given = readCommandSettings(env);
  const closers: (() => unknown)[] = [];
  try {
    const endpoints = await connectEndpoints(given, COMMAND_PATIENCE);
    closers.push(() => endpoints.close());
    const pool = await connectDatabase(given.databaseUrl, () => undefined, COMMAND_PATIENCE);
    closers.push(() => pool.end());
    await migrate(pool);
    await requireKnownChain(pool, endpoints);
    const client = await connectTemporalClient(readTemporalSettings(env), COMMAND_PATIENCE);
    closers.push(() => client.connection.close());
    const provider = createPoolProvider(endpoints);
    closers.push(() => provider.destroy());
    const { chainId } = given;
    await run({ env, chainId, client, pool, provider, endpoints, rpc: createChainRpc(endpoints) });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/**
 * As `withCommandParts`, for a command that needs nothing but Temporal: it works while the chain or the database is away.
 *
 * @throws Error if Temporal does not answer within seconds, and what starts it
 */
export async function withTemporalClient(run: (client: Client) => Promise<void>): Promise<void> {
  const client = await connectTemporalClient(readTemporalSettings(commandEnvironment()), COMMAND_PATIENCE);
  try {
    await run(client);
  } finally {
    await client.connection.close();
  }
}

function readCommandSettings(env: NodeJS.ProcessEnv): Pick<Settings, 'rpcUrls' | 'chainId' | 'databaseUrl'> {
  try {
    return readSettings(env, settings.pick({ rpcUrls: true, chainId: true, databaseUrl: true }));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new Error(`${error.message}\nOr start a stack by "npm run stack": commands then find its addresses.`, {
      cause: error,
    });
  }
}
