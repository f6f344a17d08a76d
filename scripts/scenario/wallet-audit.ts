import { toQuantity } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { selectRows } from '../../activities/storage/database.js';
import type { Checks } from './checks.js';
import type { ScenarioChain } from './chain.js';
import type { Miner } from './miner.js';

/** A transaction of a wallet that is in the chain now. */
export interface MinedTransaction {
  hash: string;
  nonce: number;
  block: number;
  success: boolean;
  gasUsed: bigint;
  /** Wei. */
  cost: bigint;
  /** The rollup's function that it called; null for anything else. */
  call: { to: string; name: string; finalBatch: number | null } | null;
}

const quantity = z.string().transform(Number);
const block = z.object({
  transactions: z.array(
    z.object({ hash: z.string(), from: z.string(), nonce: quantity, to: z.string().nullable(), input: z.string() }),
  ),
});
const receiptSchema = z.object({
  status: z.string(),
  gasUsed: z.string().transform(BigInt),
  effectiveGasPrice: z.string().transform(BigInt),
});

/** Every transaction of a wallet since a block, in order, read from the blocks themselves. */
export async function walletTransactions(
  chain: ScenarioChain,
  wallet: string,
  fromBlock: number,
): Promise<MinedTransaction[]> {
  const mined: MinedTransaction[] = [];
  const head = await chain.head();
  for (let number = fromBlock; number <= head; number++) {
    const { transactions } = block.parse(await chain.rpc('eth_getBlockByNumber', [toQuantity(number), true]));
    for (const { hash, from, nonce, to, input } of transactions) {
      if (from.toLowerCase() !== wallet.toLowerCase()) continue;
      const receipt = receiptSchema.parse(await chain.rpc('eth_getTransactionReceipt', [hash]));
      const { gasUsed, effectiveGasPrice, status } = receipt;
      const cost = gasUsed * effectiveGasPrice;
      mined.push({ hash, nonce, block: number, success: status === '0x1', gasUsed, cost, call: callOf(to, input) });
    }
  }
  return mined;
}

function callOf(to: string | null, data: string): MinedTransaction['call'] {
  const call = to === null || data.length < 10 ? null : ROLLUP.parseTransaction({ data });
  if (to === null || !call) return null;
  const finalBatch: unknown = call.fragment.inputs.some(({ name }) => name === 'finalNewBatch')
    ? call.args.getValue('finalNewBatch')
    : null;
  return { to, name: call.name, finalBatch: typeof finalBatch === 'bigint' ? Number(finalBatch) : null };
}

const rowSchema = z.object({
  transaction_id: z.string(),
  rollup: z.string(),
  step: z.string(),
  try_number: z.number(),
  last_batch: z.coerce.number(),
  state: z.enum(['prepared', 'pending', 'mined', 'final', 'withdrawn']),
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
  /** Mined transactions beyond the one that a step may have. */
  doubleSends: number;
  reverted: number;
  noOps: number;
  gasUsed: bigint;
}

/**
 * Holds a sender's rows against the chain: each step was mined once at most, whatever was mined is known, and what a
 * row says of its transaction is what the chain says.
 *
 * @param foreign hashes of transactions that others made with the wallet's key on purpose
 */
export async function auditWallet(
  chain: ScenarioChain,
  miner: Miner,
  fromBlock: number,
  checks: Checks,
  foreign: ReadonlySet<string> = new Set(),
): Promise<WalletFigures> {
  const mined = await walletTransactions(chain, miner.wallet.address, fromBlock);
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
  doubleSends += countRepeated(sentByUs, checks, miner.name);
  return {
    transactions: sentByUs.length,
    doubleSends,
    reverted: sentByUs.filter(({ success }) => !success).length,
    noOps: sentByUs.filter(({ call }) => call === null).length,
    gasUsed: sentByUs.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
  };
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
