import { requireSameChain } from '../storage/chains.js';
import type { Database } from '../storage/database.js';
import type { ChainRpc } from './chain-rpc.js';

/**
 * Checks that the endpoints serve the chain that the database is about. Nodes that prune keep the header of block 0.
 *
 * @throws OtherChainError if it is another one with the same id
 */
export async function requireKnownChain(db: Database, rpc: Pick<ChainRpc, 'chainId' | 'block'>): Promise<void> {
  const genesis = await rpc.block(0);
  if (!genesis) {
    throw new Error(
      `The endpoint of chain ${rpc.chainId} gives no block 0, by which a chain is known: use another endpoint`,
    );
  }
  await requireSameChain(db, rpc.chainId, genesis.hash);
}
