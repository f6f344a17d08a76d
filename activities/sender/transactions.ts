import { z } from 'zod';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import type { BlockRef, Step } from '../../domain/sequence-view.js';
import { bytes, hex, safeInteger, selectRow, selectRows } from '../storage/database.js';
import type { Fees } from './fees.js';
import type { Queryable } from './ports.js';
import { sequenceKey } from './step-rows.js';

/** A step, or a no-op that closes a gap between nonces. */
export type TransactionStep = Step | 'fill-nonce';

export const TRANSACTION_STEPS = [
  'commit',
  'reveal',
  'settle',
  'take-back',
  'fill-nonce',
] as const satisfies TransactionStep[];

/** What a row is about; its key but for chain and wallet, which the sequence and the sender say. */
export interface StepKey {
  sequence: SequenceIdentity;
  step: TransactionStep;
  tryNumber: number;
  /** Start block of the round, where the step names one. */
  round: number | null;
}

export const TRANSACTION_STATES = ['prepared', 'pending', 'mined', 'final', 'withdrawn'] as const;

export type TransactionState = (typeof TRANSACTION_STATES)[number];

/** Where an attempt of a row was mined. */
export interface MinedAt {
  hash: Hex;
  block: BlockRef;
  success: boolean;
  gasUsed: string;
}

/** A row of `transactions`. The states are those of docs/sender.md. */
export interface Transaction extends StepKey {
  id: string;
  state: TransactionState;
  proofHash: Hex | null;
  nonce: number | null;
  cancelWanted: boolean;
  mined: MinedAt | null;
  note: string | null;
  /** The most it may cost by its own worth, in wei a gas; null where only the settings' cap applies. */
  feeCapWei: bigint | null;
}

/** A row of `transaction_attempts`: a signed transaction. */
export interface Attempt extends Fees {
  hash: Hex;
  purpose: 'step' | 'no-op';
  nonce: number;
  /** Head when it was signed. */
  signedAtBlock: number;
  /** Head when a pool took it, the last time; null while none has. What replaces it then has to pay more. */
  heldSinceBlock: number | null;
  raw: Hex;
}

const transactionRow = z
  .object({
    transaction_id: z.string(),
    chain_id: safeInteger,
    rollup: z.string(),
    first_batch: safeInteger,
    last_batch: safeInteger,
    acc_input_hash: hex,
    step: z.enum(TRANSACTION_STEPS),
    try_number: z.number(),
    state: z.enum(TRANSACTION_STATES),
    round: safeInteger.nullable(),
    proof_hash: hex.nullable(),
    nonce: safeInteger.nullable(),
    cancel_wanted: z.boolean(),
    mined_hash: hex.nullable(),
    mined_block_number: safeInteger.nullable(),
    mined_block_hash: hex.nullable(),
    mined_status: z.number().nullable(),
    mined_gas_used: z.string().nullable(),
    note: z.string().nullable(),
    fee_cap_wei: z.string().nullable(),
  })
  .transform((row): Transaction => {
    const { mined_hash: hash, mined_block_number: number, mined_block_hash: blockHash } = row;
    const mined =
      hash === null || number === null || blockHash === null
        ? null
        : {
            hash,
            block: { number, hash: blockHash },
            success: row.mined_status === 1,
            gasUsed: row.mined_gas_used ?? '0',
          };
    return {
      id: row.transaction_id,
      sequence: {
        chainId: row.chain_id,
        rollup: row.rollup,
        firstBatch: row.first_batch,
        lastBatch: row.last_batch,
        accInputHash: row.acc_input_hash,
      },
      step: row.step,
      tryNumber: row.try_number,
      round: row.round,
      state: row.state,
      proofHash: row.proof_hash,
      nonce: row.nonce,
      cancelWanted: row.cancel_wanted,
      mined,
      note: row.note,
      feeCapWei: row.fee_cap_wei === null ? null : BigInt(row.fee_cap_wei),
    };
  });

const attemptRow = z
  .object({
    hash: hex,
    purpose: z.enum(['step', 'no-op']),
    nonce: safeInteger,
    max_fee_per_gas: z.string(),
    max_priority_fee_per_gas: z.string(),
    signed_at_block: safeInteger,
    held_since_block: safeInteger.nullable(),
    raw: bytes,
  })
  .transform((row): Attempt => ({
    hash: row.hash,
    purpose: row.purpose,
    nonce: row.nonce,
    maxFeePerGas: BigInt(row.max_fee_per_gas),
    maxPriorityFeePerGas: BigInt(row.max_priority_fee_per_gas),
    signedAtBlock: row.signed_at_block,
    heldSinceBlock: row.held_since_block,
    raw: `0x${Buffer.from(row.raw).toString('hex')}`,
  }));

const ofKey = `chain_id = $1 AND wallet = $2 AND rollup = $3 AND first_batch = $4 AND last_batch = $5
  AND acc_input_hash = $6 AND step = $7 AND try_number = $8 AND about_round = $9`;

function keyValues({ sequence, step, tryNumber, round }: StepKey, wallet: string): unknown[] {
  const namesItsRound = step === 'settle' || step === 'take-back' || step === 'fill-nonce';
  return [...sequenceKey(sequence, wallet), step, tryNumber, namesItsRound ? (round ?? 0) : 0];
}

/** The row of a step, made if there is none. */
export async function findOrInsertTransaction(db: Queryable, key: StepKey, wallet: string): Promise<Transaction> {
  await db.query(
    `INSERT INTO transactions (chain_id, wallet, rollup, first_batch, last_batch, acc_input_hash, step, try_number,
       about_round, round)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
    [...keyValues(key, wallet), key.round],
  );
  const row = await findTransaction(db, key, wallet);
  if (!row) throw new Error(`the row of ${key.step} ${key.tryNumber} is gone right after it was written`);
  return row;
}

export async function findTransaction(db: Queryable, key: StepKey, wallet: string): Promise<Transaction | null> {
  return selectRow(db, transactionRow, `SELECT * FROM transactions WHERE ${ofKey}`, keyValues(key, wallet));
}

export async function readTransaction(db: Queryable, id: string): Promise<Transaction> {
  const row = await selectRow(db, transactionRow, 'SELECT * FROM transactions WHERE transaction_id = $1', [id]);
  if (!row) throw new Error(`transaction ${id} is not in the database`);
  return row;
}

/** Rows that have to be watched: `pending` or `mined`, lowest nonce first. */
export async function liveTransactions(db: Queryable, chainId: number, wallet: string): Promise<Transaction[]> {
  return selectRows(
    db,
    transactionRow,
    `SELECT * FROM transactions WHERE chain_id = $1 AND wallet = $2 AND state IN ('pending', 'mined') ORDER BY nonce`,
    [chainId, wallet],
  );
}

/** All rows of a sequence, the oldest first. */
export async function transactionsOf(
  db: Queryable,
  sequence: SequenceIdentity,
  wallet: string,
): Promise<Transaction[]> {
  return selectRows(
    db,
    transactionRow,
    `SELECT * FROM transactions WHERE chain_id = $1 AND wallet = $2 AND rollup = $3 AND first_batch = $4
       AND last_batch = $5 AND acc_input_hash = $6 ORDER BY transaction_id`,
    sequenceKey(sequence, wallet),
  );
}

/** The sequences of these batches that have rows: several where other data were posted after a reorg or a rollback. */
export async function selectSequencesOfRows(
  db: Queryable,
  batches: Omit<SequenceIdentity, 'accInputHash'>,
): Promise<SequenceIdentity[]> {
  const { chainId, rollup, firstBatch, lastBatch } = batches;
  return selectRows(
    db,
    z.object({ acc_input_hash: hex }).transform((row) => ({ ...batches, accInputHash: row.acc_input_hash })),
    `SELECT DISTINCT acc_input_hash FROM transactions
      WHERE chain_id = $1 AND rollup = $2 AND first_batch = $3 AND last_batch = $4`,
    [chainId, rollup, firstBatch, lastBatch],
  );
}

/** Every signed transaction of a row, the oldest first. */
export async function attemptsOf(db: Queryable, id: string): Promise<Attempt[]> {
  return selectRows(
    db,
    attemptRow,
    'SELECT * FROM transaction_attempts WHERE transaction_id = $1 ORDER BY created_at, max_fee_per_gas',
    [id],
  );
}

/**
 * The highest fee cap of the reveals that wait to be mined after this nonce, in wei a gas.
 *
 * @param withoutOwn the cap of a reveal that has none of its own
 * @returns null where none waits
 */
export async function revealCapAfter(
  db: Queryable,
  { chainId, wallet, nonce }: { chainId: number; wallet: string; nonce: number },
  withoutOwn: bigint,
): Promise<bigint | null> {
  const row = await selectRow(
    db,
    z.object({ cap: z.string().nullable() }),
    `SELECT max(coalesce(fee_cap_wei, $4)) AS cap FROM transactions
      WHERE chain_id = $1 AND wallet = $2 AND step = 'reveal' AND state = 'pending' AND nonce > $3`,
    [chainId, wallet, nonce, withoutOwn.toString()],
  );
  return row?.cap ? BigInt(row.cap) : null;
}
