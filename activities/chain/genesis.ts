import { requireSameChain } from '../storage/chains.js';
import type { Database } from '../storage/database.js';
import type { EndpointPool } from './endpoints/endpoint-pool.js';

/**
 * Checks that the endpoints serve the chain that the database is about. Nodes that prune keep the header of block 0.
 *
 * @param endpoints that are connected: their chain has been asked for
 * @throws OtherChainError if it is another one with the same id
 */
export async function requireKnownChain(
  db: Database,
  endpoints: Pick<EndpointPool, 'chainId' | 'genesisHash'>,
): Promise<void> {
  const genesisHash = endpoints.genesisHash();
  if (genesisHash === null) {
    throw new Error(
      `The endpoint of chain ${endpoints.chainId} gives no block 0, by which a chain is known: use another endpoint`,
    );
  }
  await requireSameChain(db, endpoints.chainId, genesisHash);
}
