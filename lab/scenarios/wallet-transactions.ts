import { toQuantity } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { ScenarioChain } from './chain.js';

/** A transaction of a wallet that is in the chain now. */
export interface MinedTransaction {
  hash: string;
  nonce: number;
  block: number;
  success: boolean;
  gasUsed: bigint;
  /** Wei. */
  cost: bigint;
  /** Wei a gas that it paid, and what its block asked for at least. */
  gasPrice: bigint;
  baseFee: bigint;
  /** The rollup's function that it called; null for anything else. */
  call: { to: string; name: string; finalBatch: number | null } | null;
}

const quantity = z.string().transform(Number);
const block = z.object({
  baseFeePerGas: z.string().transform(BigInt),
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
  chain: Pick<ScenarioChain, 'rpc' | 'head'>,
  wallet: string,
  fromBlock: number,
): Promise<MinedTransaction[]> {
  const mined: MinedTransaction[] = [];
  const head = await chain.head();
  for (let number = fromBlock; number <= head; number++) {
    const { transactions, baseFeePerGas: baseFee } = block.parse(
      await chain.rpc('eth_getBlockByNumber', [toQuantity(number), true]),
    );
    for (const { hash, from, nonce, to, input } of transactions) {
      if (from.toLowerCase() !== wallet.toLowerCase()) continue;
      const receipt = receiptSchema.parse(await chain.rpc('eth_getTransactionReceipt', [hash]));
      const { gasUsed, effectiveGasPrice: gasPrice, status } = receipt;
      const paid = { gasUsed, gasPrice, baseFee, cost: gasUsed * gasPrice };
      mined.push({ hash, nonce, block: number, success: status === '0x1', ...paid, call: callOf(to, input) });
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
