import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';
import { safeInteger, selectRows } from '../storage/database.js';
import type { Queryable } from './ports.js';
import type { Attempt, MinedAt } from './transactions.js';

// One function a transition of the table in docs/sender.md. Each is one statement and checks the state it starts from,
// so a row that was moved on by somebody else stays as it is.

/**
 * prepared → pending: the nonce, the commitment and the signed bytes, in one statement.
 *
 * @throws Error if the row is not `prepared` any more: nothing may be broadcast then
 */
export async function recordFirstAttempt(
  db: Queryable,
  id: string,
  attempt: Attempt,
  { proofHash, feeCapWei }: { proofHash: Hex | null; feeCapWei?: bigint | undefined },
): Promise<void> {
  const { rowCount } = await db.query(
    `WITH signed AS (
       UPDATE transactions SET state = 'pending', nonce = $4, proof_hash = $9, fee_cap_wei = $10, note = NULL,
                                 updated_at = now()
        WHERE transaction_id = $1 AND state = 'prepared' RETURNING transaction_id)
     INSERT INTO transaction_attempts
       (transaction_id, hash, purpose, nonce, max_fee_per_gas, max_priority_fee_per_gas, signed_at_block, raw)
     SELECT transaction_id, $2, $3, $4, $5, $6, $7, $8 FROM signed`,
    [...attemptValues(id, attempt), proofHash, feeCapWei?.toString() ?? null],
  );
  if (rowCount !== 1) throw new Error(`transaction ${id} was signed or withdrawn by someone else in the meantime`);
}

/** Another signed transaction at the same nonce, of a row that is `pending`. */
export async function recordReplacement(db: Queryable, id: string, attempt: Attempt): Promise<void> {
  const { rowCount } = await db.query(
    `INSERT INTO transaction_attempts
       (transaction_id, hash, purpose, nonce, max_fee_per_gas, max_priority_fee_per_gas, signed_at_block, raw)
     SELECT transaction_id, $2, $3, $4, $5, $6, $7, $8 FROM transactions
      WHERE transaction_id = $1 AND state = 'pending' AND nonce = $4`,
    attemptValues(id, attempt),
  );
  if (rowCount !== 1) throw new Error(`transaction ${id} is no longer pending at nonce ${attempt.nonce}`);
}

function attemptValues(id: string, attempt: Attempt): unknown[] {
  const { hash, purpose, nonce, maxFeePerGas, maxPriorityFeePerGas, signedAtBlock, raw } = attempt;
  const fees = [maxFeePerGas.toString(), maxPriorityFeePerGas.toString()];
  return [id, hash, purpose, nonce, ...fees, signedAtBlock, Buffer.from(raw.slice(2), 'hex')];
}

/** pending or mined → mined or final. A commit's round becomes what its event says. */
export async function markMined(
  db: Queryable,
  id: string,
  mined: MinedAt,
  { final, round }: { final: boolean; round: number | null },
): Promise<void> {
  const { hash, block, success, gasUsed } = mined;
  await db.query(
    `UPDATE transactions SET state = $2, mined_hash = $3, mined_block_number = $4, mined_block_hash = $5,
       mined_status = $6, mined_gas_used = $7, round = coalesce($8, round), updated_at = now()
      WHERE transaction_id = $1 AND state IN ('pending', 'mined')`,
    [id, final ? 'final' : 'mined', hash, block.number, block.hash, success ? 1 : 0, gasUsed, round],
  );
}

/** mined → pending: its block has left the chain. */
export async function markPendingAgain(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE transactions SET state = 'pending', mined_hash = NULL, mined_block_number = NULL, mined_block_hash = NULL,
       mined_status = NULL, mined_gas_used = NULL, updated_at = now()
      WHERE transaction_id = $1 AND state = 'mined'`,
    [id],
  );
}

/** final → mined for all rows whose nonce the chain has not used after all, so that they are watched again. */
export async function watchFinalAgain(
  db: Queryable,
  chainId: number,
  wallet: string,
  fromNonce: number,
): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE transactions SET state = 'mined', updated_at = now()
      WHERE chain_id = $1 AND wallet = $2 AND state = 'final' AND nonce >= $3`,
    [chainId, wallet, fromNonce],
  );
  return rowCount ?? 0;
}

/** pending → prepared or, where a cancel was wanted, withdrawn: a foreign transaction has used the nonce for good. */
export async function giveNonceUp(db: Queryable, id: string, note: string): Promise<void> {
  await db.query(
    `UPDATE transactions SET state = CASE WHEN cancel_wanted OR step = 'fill-nonce' THEN 'withdrawn' ELSE 'prepared' END,
       nonce = NULL, note = $2, updated_at = now()
      WHERE transaction_id = $1 AND state = 'pending'`,
    [id, note],
  );
}

/** prepared → withdrawn. Returns false if the row had been signed already. */
export async function withdraw(db: Queryable, id: string, note: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE transactions SET state = 'withdrawn', note = $2, updated_at = now()
      WHERE transaction_id = $1 AND state = 'prepared'`,
    [id, note],
  );
  return rowCount === 1;
}

export async function wantCancel(db: Queryable, id: string, note: string): Promise<void> {
  await db.query(
    `UPDATE transactions SET cancel_wanted = true, note = $2, updated_at = now()
      WHERE transaction_id = $1 AND state = 'pending'`,
    [id, note],
  );
}

/** Keeps for people why a row is not sent or not mined yet; null once nothing is in its way. */
export async function writeNote(db: Queryable, id: string, note: string | null): Promise<void> {
  await db.query(
    'UPDATE transactions SET note = $2, updated_at = now() WHERE transaction_id = $1 AND note IS DISTINCT FROM $2',
    [id, note],
  );
}

/** A pool is seen to hold these attempts; of one that was seen before the block stays as it is. */
export async function markHeld(db: Queryable, hashes: readonly Hex[], block: number): Promise<void> {
  await db.query(
    'UPDATE transaction_attempts SET held_since_block = $2 WHERE hash = ANY ($1) AND held_since_block IS NULL',
    [hashes, block],
  );
}

/** A pool has taken an attempt just now, perhaps after it was lost: its waiting begins anew. */
export async function markTaken(db: Queryable, hash: Hex, block: number): Promise<void> {
  await db.query('UPDATE transaction_attempts SET held_since_block = $2 WHERE hash = $1', [hash, block]);
}

/** Every nonce that a row of the wallet holds, from `fromNonce` on, and the highest that is final (-1: none). */
export async function heldNonces(
  db: Queryable,
  chainId: number,
  wallet: string,
  fromNonce: number,
): Promise<{ held: Set<number>; highestFinal: number }> {
  const rows = await selectRows(
    db,
    z.object({ nonce: safeInteger, final: z.boolean() }),
    `SELECT nonce, state = 'final' AS final FROM transactions
      WHERE chain_id = $1 AND wallet = $2 AND nonce IS NOT NULL AND nonce >= $3`,
    [chainId, wallet, fromNonce],
  );
  return {
    held: new Set(rows.map(({ nonce }) => nonce)),
    highestFinal: Math.max(-1, ...rows.filter(({ final }) => final).map(({ nonce }) => nonce)),
  };
}
