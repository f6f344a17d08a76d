import { join } from 'node:path';
import type pg from 'pg';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { requireKnownChain } from '../../activities/chain/genesis.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { migrate } from '../../activities/storage/migrate.js';
import { connectDatabase } from '../../platform/connect.js';
import { connectEndpoints, type EndpointListeners } from '../../activities/chain/connect-endpoints.js';
import type { Logger } from '../../platform/log.js';
import { settings, type Settings } from '../../platform/settings/settings-table.js';

/** What the workers of a miner share: its database, the base chain and its final proofs. */
export interface MinerParts {
  pool: pg.Pool;
  endpoints: EndpointPool;
  rpc: ChainRpc;
  finals: FinalProofStore;
  close(): Promise<void>;
}

export const minerPartsSettings = settings.pick({ home: true, databaseUrl: true, rpcUrls: true, chainId: true });

/**
 * Connects to database and chain, each for a bounded time, and brings the database to the newest schema.
 *
 * @throws Error naming the part that cannot be reached, WrongPartError for another chain id, or
 * OtherChainError for another chain than this database is about
 */
export async function openMinerParts(
  { home, databaseUrl, rpcUrls, chainId }: Pick<Settings, 'home' | 'databaseUrl' | 'rpcUrls' | 'chainId'>,
  log: Logger,
): Promise<MinerParts> {
  const endpoints = await connectEndpoints({ rpcUrls, chainId }, endpointListeners(log));
  let pool: pg.Pool | undefined;
  try {
    const opened = await connectDatabase(databaseUrl, (error) => log.warn({ error }, 'a database connection was lost'));
    pool = opened;
    const migrations = await migrate(opened);
    if (migrations.length > 0) log.info({ migrations }, 'database brought to the newest schema');
    await requireKnownChain(opened, endpoints);
    return {
      pool: opened,
      endpoints,
      rpc: createChainRpc(endpoints),
      finals: createFinalProofStore(opened, join(home, 'final-proofs')),
      close: async () => {
        endpoints.close();
        await opened.end();
      },
    };
  } catch (error) {
    endpoints.close();
    await pool?.end();
    throw error;
  }
}

/** Each change once: a flood of lines hides the one that matters. */
function endpointListeners(log: Logger): EndpointListeners {
  return {
    onTrouble: (endpoint, trouble) => {
      if (trouble === null) log.info({ endpoint }, 'an endpoint is used again');
      else log.warn({ endpoint, trouble }, 'an endpoint is passed over');
    },
    onLack: (endpoint, lack) => log.warn({ endpoint, lack }, 'an endpoint lacks something that is done in another way'),
  };
}
