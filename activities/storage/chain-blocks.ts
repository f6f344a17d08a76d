import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';
import { hex, safeInteger, selectRow, selectRows, type Database } from './database.js';

/** A block up to which a chain was read. */
export interface ReadBlock {
  number: number;
  hash: Hex;
  parentHash: Hex;
}

/** So many of the newest are kept: a reorg deeper than this is read again from the rollups' beginning. */
const KEPT_BLOCKS = 2_000;

const blockRow = z
  .object({ number: safeInteger, hash: hex, parent_hash: hex })
  .transform(({ number, hash, parent_hash: parentHash }): ReadBlock => ({ number, hash, parentHash }));

export async function selectNewestBlock(db: Database, chainId: number): Promise<ReadBlock | null> {
  return selectRow(db, blockRow, 'SELECT * FROM chain_blocks WHERE chain_id = $1 ORDER BY number DESC LIMIT 1', [
    chainId,
  ]);
}

/** All blocks kept, the newest first. There are gaps where many blocks were read at once. */
export async function selectReadBlocks(db: Database, chainId: number): Promise<ReadBlock[]> {
  return selectRows(db, blockRow, 'SELECT * FROM chain_blocks WHERE chain_id = $1 ORDER BY number DESC', [chainId]);
}

export async function insertBlock(
  db: Database,
  chainId: number,
  { number, hash, parentHash }: ReadBlock,
): Promise<void> {
  await db.query(
    `INSERT INTO chain_blocks (chain_id, number, hash, parent_hash) VALUES ($1, $2, $3, $4)
     ON CONFLICT (chain_id, number) DO UPDATE SET hash = EXCLUDED.hash, parent_hash = EXCLUDED.parent_hash`,
    [chainId, number, hash, parentHash],
  );
  await db.query('DELETE FROM chain_blocks WHERE chain_id = $1 AND number < $2', [chainId, number - KEPT_BLOCKS]);
}

export async function deleteBlocksAbove(db: Database, chainId: number, number: number): Promise<void> {
  await db.query('DELETE FROM chain_blocks WHERE chain_id = $1 AND number > $2', [chainId, number]);
}
