import { z } from 'zod';
import type { RollupRef } from '../../domain/sequence.js';
import { safeInteger, selectRow, selectRows, type Database } from './database.js';

/** A rollup whose postings are read, and how this miner takes part in it. */
export interface RollupRow extends RollupRef {
  rollupType: string;
  /** Block of the base chain from which its postings are read: that of its launch. */
  fromBlock: number;
  /** First batch this miner takes part in. */
  startBatch: number;
  /** Whether its follower is to run. */
  following: boolean;
  /** The operator's pause: no new proofHash, but every reveal that is owed. */
  paused: boolean;
  /** Its postings are known up to this block. */
  readUpTo: number;
}

const rollupRow = z
  .object({
    chain_id: safeInteger,
    rollup: z.string(),
    rollup_type: z.string(),
    from_block: safeInteger,
    start_batch: safeInteger,
    following: z.boolean(),
    paused: z.boolean(),
    read_up_to: safeInteger,
  })
  .transform((row): RollupRow => ({
    chainId: row.chain_id,
    rollup: row.rollup,
    rollupType: row.rollup_type,
    fromBlock: row.from_block,
    startBatch: row.start_batch,
    following: row.following,
    paused: row.paused,
    readUpTo: row.read_up_to,
  }));

/** Adds a rollup; one that is there already stays as it is. */
export async function insertRollup(db: Database, rollup: Omit<RollupRow, 'paused' | 'readUpTo'>): Promise<void> {
  await db.query(
    `INSERT INTO rollups (chain_id, rollup, rollup_type, from_block, start_batch, following, read_up_to)
     VALUES ($1, $2, $3, $4, $5, $6, $4::bigint - 1) ON CONFLICT (chain_id, rollup) DO NOTHING`,
    [rollup.chainId, rollup.rollup, rollup.rollupType, rollup.fromBlock, rollup.startBatch, rollup.following],
  );
}

export async function selectRollup(db: Database, { chainId, rollup }: RollupRef): Promise<RollupRow | null> {
  return selectRow(db, rollupRow, 'SELECT * FROM rollups WHERE chain_id = $1 AND rollup = $2', [chainId, rollup]);
}

export async function selectRollups(db: Database, chainId: number): Promise<RollupRow[]> {
  return selectRows(db, rollupRow, 'SELECT * FROM rollups WHERE chain_id = $1 ORDER BY rollup', [chainId]);
}

/** Says whether a rollup's follower is to run, and from which batch. */
export async function setRollupFollowing(
  db: Database,
  { chainId, rollup }: RollupRef,
  { following, startBatch }: { following: boolean; startBatch: number },
): Promise<void> {
  await db.query('UPDATE rollups SET following = $3, start_batch = $4 WHERE chain_id = $1 AND rollup = $2', [
    chainId,
    rollup,
    following,
    startBatch,
  ]);
}

export async function setRollupPaused(db: Database, { chainId, rollup }: RollupRef, paused: boolean): Promise<void> {
  await db.query('UPDATE rollups SET paused = $3 WHERE chain_id = $1 AND rollup = $2', [chainId, rollup, paused]);
}

/**
 * Moves the mark up to which a rollup's postings are known.
 *
 * @returns false if another process moved it in the meantime: nothing was changed
 */
export async function moveReadMark(
  db: Database,
  { chainId, rollup }: RollupRef,
  move: { from: number; to: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE rollups SET read_up_to = $4 WHERE chain_id = $1 AND rollup = $2 AND read_up_to = $3',
    [chainId, rollup, move.from, move.to],
  );
  return rowCount === 1;
}

/** Has a rollup's postings read again from a block on, or from its launch; what is known stays until it is replaced. */
export async function lowerReadMark(db: Database, { chainId, rollup }: RollupRef, toBlock: number): Promise<void> {
  await db.query(
    `UPDATE rollups SET read_up_to = greatest(from_block - 1, $3)
      WHERE chain_id = $1 AND rollup = $2 AND read_up_to > $3`,
    [chainId, rollup, toBlock],
  );
}

/** After a reorg: what was read above this block is to be read again. Part of a transaction. */
export async function lowerReadMarks(db: Database, chainId: number, blockNumber: number): Promise<void> {
  // In the order in which marks are moved: two transactions never wait for each other.
  await db.query('SELECT 1 FROM rollups WHERE chain_id = $1 ORDER BY rollup FOR UPDATE', [chainId]);
  await db.query(
    'UPDATE rollups SET read_up_to = greatest(from_block - 1, $2) WHERE chain_id = $1 AND read_up_to > $2',
    [chainId, blockNumber],
  );
}
