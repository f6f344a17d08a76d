import { z } from 'zod';
import type { PostedSequence, RollupRef } from '../../domain/sequence.js';
import { hex, safeInteger, selectRow, selectRows, type Database } from './database.js';

const postedRow = z
  .object({
    chain_id: safeInteger,
    rollup: z.string(),
    first_batch: safeInteger,
    last_batch: safeInteger,
    acc_input_hash: hex,
    block_number: safeInteger,
    transaction_hash: hex,
  })
  .transform((row): PostedSequence => ({
    chainId: row.chain_id,
    rollup: row.rollup,
    firstBatch: row.first_batch,
    lastBatch: row.last_batch,
    accInputHash: row.acc_input_hash,
    blockNumber: row.block_number,
    transactionHash: row.transaction_hash,
  }));

/** Adds a posting to the end of its rollup; whatever was known from its first batch on has been replaced by it. */
export async function insertPostedSequence(db: Database, posted: PostedSequence): Promise<void> {
  await deletePostedFrom(db, posted, posted.firstBatch);
  await db.query(
    `INSERT INTO posted_sequences
       (chain_id, rollup, first_batch, last_batch, acc_input_hash, block_number, transaction_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      posted.chainId,
      posted.rollup,
      posted.firstBatch,
      posted.lastBatch,
      posted.accInputHash,
      posted.blockNumber,
      posted.transactionHash,
    ],
  );
}

/**
 * Block from which on a rollup's postings must be read again because one is missing among those known: that of the last
 * one before the gap, `fromBlock` where the first is missing already; null where all follow each other.
 */
export async function selectBlockBeforeGap(db: Database, { chainId, rollup }: RollupRef): Promise<number | null> {
  const row = await selectRow(
    db,
    z.object({ block: safeInteger }),
    `SELECT coalesce(block_before, 0) AS block FROM (
       SELECT first_batch, lag(last_batch, 1, 0::bigint) OVER w AS batch_before, lag(block_number) OVER w AS block_before
         FROM posted_sequences WHERE chain_id = $1 AND rollup = $2 WINDOW w AS (ORDER BY last_batch)) AS postings
      WHERE first_batch <> batch_before + 1 ORDER BY first_batch LIMIT 1`,
    [chainId, rollup],
  );
  return row?.block ?? null;
}

/** The posting with the highest batch that is known of a rollup. */
export async function selectLastPosted(db: Database, { chainId, rollup }: RollupRef): Promise<PostedSequence | null> {
  return selectRow(
    db,
    postedRow,
    'SELECT * FROM posted_sequences WHERE chain_id = $1 AND rollup = $2 ORDER BY last_batch DESC LIMIT 1',
    [chainId, rollup],
  );
}

/** Forgets the sequences from a batch on: they were rolled back. */
export async function deletePostedFrom(
  db: Database,
  { chainId, rollup }: RollupRef,
  firstBatch: number,
): Promise<void> {
  await db.query('DELETE FROM posted_sequences WHERE chain_id = $1 AND rollup = $2 AND last_batch >= $3', [
    chainId,
    rollup,
    firstBatch,
  ]);
}

/** Forgets what was posted above a block: it left the chain. */
export async function deletePostedAbove(db: Database, chainId: number, blockNumber: number): Promise<void> {
  await db.query('DELETE FROM posted_sequences WHERE chain_id = $1 AND block_number > $2', [chainId, blockNumber]);
}

export async function selectPostedSequence(
  db: Database,
  { chainId, rollup }: RollupRef,
  lastBatch: number,
): Promise<PostedSequence | null> {
  return selectRow(
    db,
    postedRow,
    'SELECT * FROM posted_sequences WHERE chain_id = $1 AND rollup = $2 AND last_batch = $3',
    [chainId, rollup, lastBatch],
  );
}

/** Sequences whose last batch is above `afterBatch`, lowest first. */
export async function selectPostedAfter(
  db: Database,
  { chainId, rollup }: RollupRef,
  { afterBatch, upToBatch, limit }: { afterBatch: number; upToBatch: number; limit: number },
): Promise<PostedSequence[]> {
  return selectRows(
    db,
    postedRow,
    `SELECT * FROM posted_sequences
     WHERE chain_id = $1 AND rollup = $2 AND last_batch > $3 AND last_batch <= $4
     ORDER BY last_batch LIMIT $5`,
    [chainId, rollup, afterBatch, upToBatch, limit],
  );
}

/** How many sequences end in `(afterBatch, upToBatch]`. */
export async function countPosted(
  db: Database,
  { chainId, rollup }: RollupRef,
  { afterBatch, upToBatch }: { afterBatch: number; upToBatch: number },
): Promise<number> {
  const row = await selectRow(
    db,
    z.object({ count: safeInteger }),
    `SELECT count(*) AS count FROM posted_sequences
     WHERE chain_id = $1 AND rollup = $2 AND last_batch > $3 AND last_batch <= $4`,
    [chainId, rollup, afterBatch, upToBatch],
  );
  return row?.count ?? 0;
}
