import { Contract, type TransactionReceipt } from 'ethers';
import { z } from 'zod';
import type { ByHand } from '../by-hand/by-hand.js';
import { amountText, type Asset } from './asset.js';
import { callOf, requireFunds } from './miner-contracts.js';

/** What a deposit needs of a token (ERC-20). */
const TOKEN_ABI = [
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function approve(address spender, uint256 amount) returns (bool)',
] as const;

const units = z.bigint();

/**
 * Adds an amount to the stake: of the chain's coin, or of the token that the pool keeps, of which it is allowed as much
 * first if it may not take that much yet.
 *
 * @param pool connected to the wallet
 * @param rollup that a command in a refusal names
 * @param byHand sends it
 * @param asset what the pool keeps
 * @param amount in its smallest unit
 * @throws Error naming what is missing if the wallet does not hold it, or has nothing for gas; nothing is sent then
 */
export async function depositByHand(
  pool: Contract,
  rollup: string,
  byHand: ByHand,
  asset: Asset,
  amount: bigint,
): Promise<TransactionReceipt> {
  const { wallet, report } = byHand;
  if (asset.token === null) {
    await requireFunds(wallet, amount);
    return byHand.send({ ...(await callOf(pool, 'deposit', [amount], report, amount)), rollup });
  }
  await requireFunds(wallet, 0n);
  const token = new Contract(asset.token, TOKEN_ABI, wallet);
  await requireTokens(token, asset, wallet.address, amount);
  await allow(token, byHand, await pool.getAddress(), amount);
  return byHand.send({ ...(await callOf(pool, 'deposit', [amount], report)), rollup });
}

async function allow(
  token: Contract,
  { wallet, prepare, report }: ByHand,
  spender: string,
  amount: bigint,
): Promise<void> {
  const allowed = units.parse(await token.getFunction('allowance')(wallet.address, spender));
  if (allowed >= amount) return;
  // Some tokens (Tether's among them) let nobody change an allowance but from zero or to zero.
  if (allowed > 0n) await prepare(await callOf(token, 'approve', [spender, 0n], report));
  await prepare(await callOf(token, 'approve', [spender, amount], report));
}

async function requireTokens(token: Contract, asset: Asset, miner: string, needed: bigint): Promise<void> {
  const balance = units.parse(await token.getFunction('balanceOf')(miner));
  if (balance >= needed) return;
  throw new Error(
    `The wallet ${miner} holds ${amountText(balance, asset)} of the token ${asset.token ?? ''}, which the pool keeps; this ` +
      `needs ${amountText(needed, asset)}: send it ${amountText(needed - balance, asset)} of the token first`,
  );
}
