import { z } from 'zod';
import { TRANSACTION_STATES } from '../../activities/sender/transactions.js';
import { selectRows } from '../../activities/storage/database.js';
import type { Checks } from './checks.js';
import { isSecondSend, readRevert } from './double-sends.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';
import { readRollupRecord } from './rollup-record.js';
import { walletTransactions, type MinedTransaction } from './wallet-transactions.js';

const rowSchema = z.object({
  transaction_id: z.string(),
  rollup: z.string(),
  step: z.string(),
  try_number: z.number(),
  last_batch: z.coerce.number(),
  state: z.enum(TRANSACTION_STATES),
  mined_hash: z.string().nullable(),
  attempts: z.array(z.object({ hash: z.string(), purpose: z.enum(['step', 'no-op']), nonce: z.number() })),
});
export type StepRow = z.infer<typeof rowSchema>;

/** The miner's rows with all signed transactions of each. */
export async function readStepRows(miner: Miner): Promise<StepRow[]> {
  return selectRows(
    miner.pool,
    rowSchema,
    `SELECT transaction_id, rollup, step, try_number, last_batch, state, mined_hash,
       coalesce((SELECT json_agg(json_build_object('hash', hash, 'purpose', purpose, 'nonce', nonce) ORDER BY created_at)
                   FROM transaction_attempts a WHERE a.transaction_id = t.transaction_id), '[]') AS attempts
      FROM transactions t ORDER BY transaction_id`,
  );
}

/** Figures of a wallet that the sender used. */
export interface WalletFigures {
  transactions: number;
  /** Mined transactions beyond the one that a step may have, whether they succeeded or reverted. */
  doubleSends: number;
  reverted: number;
  /** Names of what the contract said to them. */
  revertedWith: string[];
  noOps: number;
  gasUsed: bigint;
}

/**
 * Holds a sender's rows against the chain: each step was mined once at most, under whatever row; whatever was mined is
 * known, and what a row says of its transaction is what the chain says.
 *
 * @param foreign hashes of transactions that others made with the wallet's key on purpose
 */
export async function auditWallet(
  field: Pick<Field, 'chain' | 'rollup' | 'startBlock'>,
  miner: Miner,
  checks: Checks,
  foreign: ReadonlySet<string> = new Set(),
): Promise<WalletFigures> {
  const { chain, startBlock } = field;
  const mined = await walletTransactions(chain, miner.wallet.address, startBlock);
  const byHash = new Map(mined.map((transaction) => [transaction.hash, transaction]));
  const rows = await readStepRows(miner);
  const known = new Set(rows.flatMap(({ attempts }) => attempts.map(({ hash }) => hash)));
  let doubleSends = 0;
  for (const row of rows) {
    const landed = row.attempts.filter(({ hash }) => byHash.has(hash));
    doubleSends += Math.max(0, landed.length - 1);
    const name = `${miner.name}: ${row.step} ${row.try_number} of batch ${row.last_batch}`;
    checks.must(landed.length <= 1, `${name} is mined once at most`, landed);
    const says = row.state === 'mined' || row.state === 'final' ? row.mined_hash : null;
    checks.equal(says, landed[0]?.hash ?? null, `${name}: the transaction that its row (${row.state}) calls mined`);
  }
  const sentByUs = mined.filter(({ hash }) => !foreign.has(hash));
  const strangers = sentByUs.filter(({ hash }) => !known.has(hash));
  checks.must(strangers.length === 0, `${miner.name}: every mined transaction of the wallet is in its rows`, strangers);
  const reverts = await readReverts(field, miner, sentByUs);
  const second = reverts.filter(({ isSecond }) => isSecond);
  checks.must(second.length === 0, `${miner.name}: no hash and no proof is sent again once it has counted`, second);
  doubleSends += second.length + countRepeated(sentByUs, checks, miner.name);
  return {
    transactions: sentByUs.length,
    doubleSends,
    reverted: reverts.length,
    revertedWith: reverts.map(({ error }) => error),
    noOps: sentByUs.filter(({ call }) => call === null).length,
    gasUsed: sentByUs.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
  };
}

/** Transactions of the wallet that failed, with what the contract said. */
async function readReverts(
  { chain, rollup }: Pick<Field, 'chain' | 'rollup'>,
  { wallet }: Miner,
  sentByUs: readonly MinedTransaction[],
): Promise<{ transaction: MinedTransaction; error: string; isSecond: boolean }[]> {
  const failed = sentByUs.filter(({ success }) => !success);
  const { commitments } = await readRollupRecord(chain, rollup);
  return Promise.all(
    failed.map(async (transaction) => {
      const error = await readRevert(chain, transaction);
      const isSecond = isSecondSend(transaction, error, wallet.address, commitments);
      return { transaction, error: error?.name ?? 'no error of the contracts', isSecond };
    }),
  );
}

/** A proof that was revealed again after it had been taken, under whatever row. */
function countRepeated(mined: readonly MinedTransaction[], checks: Checks, name: string): number {
  const accepted = new Map<string, number>();
  for (const { call, success } of mined) {
    if (call?.name !== 'verifyBatches' || !success) continue;
    const key = `${call.to}/${call.finalBatch}`;
    accepted.set(key, (accepted.get(key) ?? 0) + 1);
  }
  const repeated = [...accepted].filter(([, times]) => times > 1);
  checks.must(repeated.length === 0, `${name}: no proof is revealed twice`, repeated);
  return repeated.reduce((sum, [, times]) => sum + times - 1, 0);
}
