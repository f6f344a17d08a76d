import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';
import { hex, selectRow, type Database } from './database.js';

/** What is in the database is about another chain with the same id. */
export class OtherChainError extends Error {
  override readonly name = 'OtherChainError';
  constructor(chainId: number, known: Hex, found: Hex) {
    super(
      `The chain with id ${chainId} is another one than before: it begins with block ${found}, the one that this ` +
        `database knows with ${known}. Rows and signed transactions of that one must not reach this one. ` +
        'Use an endpoint of the chain from before; or, if that one is gone, forget it by "npm run clean" ' +
        '(a database that DATABASE_URL names: use an empty one)',
    );
  }
}

const row = z.object({ genesis_hash: hex });

/**
 * Notes at its first use which chain has an id, and checks it from then on.
 *
 * @param genesisHash of its block 0
 * @throws OtherChainError if another chain had the id
 */
export async function requireSameChain(db: Database, chainId: number, genesisHash: Hex): Promise<void> {
  const text = 'INSERT INTO chains (chain_id, genesis_hash) VALUES ($1, $2) ON CONFLICT (chain_id) DO NOTHING';
  await db.query(text, [chainId, genesisHash]);
  const known = await selectRow(db, row, 'SELECT genesis_hash FROM chains WHERE chain_id = $1', [chainId]);
  if (known && known.genesis_hash !== genesisHash) throw new OtherChainError(chainId, known.genesis_hash, genesisHash);
}
