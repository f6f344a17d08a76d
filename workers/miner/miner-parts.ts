import { join } from 'node:path';
import type { JsonRpcProvider } from 'ethers';
import type pg from 'pg';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { migrate } from '../../activities/storage/migrate.js';
import { connectDatabase, connectEndpoints } from '../connect.js';
import type { Logger } from '../log.js';
import { settings, type Settings } from '../settings/settings-table.js';

/** What the workers of a miner share: its database, the base chain and its final proofs. */
export interface MinerParts {
  pool: pg.Pool;
  endpoints: JsonRpcProvider[];
  rpc: ChainRpc;
  finals: FinalProofStore;
  close(): Promise<void>;
}

export const minerPartsSettings = settings.pick({ home: true, databaseUrl: true, rpcUrls: true, chainId: true });

/**
 * Connects to database and chain, each for a bounded time, and brings the database to the newest schema.
 *
 * @throws Error naming the part that cannot be reached, or WrongPartError for another chain
 */
export async function openMinerParts(
  { home, databaseUrl, rpcUrls, chainId }: Pick<Settings, 'home' | 'databaseUrl' | 'rpcUrls' | 'chainId'>,
  log: Logger,
): Promise<MinerParts> {
  const endpoints = await connectEndpoints({ rpcUrls, chainId });
  const closeEndpoints = (): void => endpoints.forEach((endpoint) => endpoint.destroy());
  let pool: pg.Pool | undefined;
  try {
    const opened = await connectDatabase(databaseUrl, (error) => log.warn({ error }, 'a database connection was lost'));
    pool = opened;
    const migrations = await migrate(opened);
    if (migrations.length > 0) log.info({ migrations }, 'database brought to the newest schema');
    return {
      pool: opened,
      endpoints,
      rpc: createChainRpc(chainId, endpoints),
      finals: createFinalProofStore(opened, join(home, 'final-proofs')),
      close: async () => {
        closeEndpoints();
        await opened.end();
      },
    };
  } catch (error) {
    closeEndpoints();
    await pool?.end();
    throw error;
  }
}
