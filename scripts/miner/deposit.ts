import { Contract, ZeroAddress, type ContractTransactionReceipt, type Wallet } from 'ethers';
import { z } from 'zod';
import { inCoins, requireFunds, sendByHand } from './miner-contracts.js';

/** What a deposit needs of a token (ERC-20). */
const TOKEN_ABI = [
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function approve(address spender, uint256 amount) returns (bool)',
] as const;

const address = z.string();
const amount = z.bigint();

/**
 * Puts an amount into the pool for a rollup: of the chain's coin, or of the token that the pool keeps, of which it is
 * allowed as much first if it may not take that much yet.
 *
 * @param pool connected to the wallet
 * @param amountWei in the asset's smallest unit
 * @throws Error naming what is missing if the wallet does not hold it, or has nothing for gas; nothing is sent then
 */
export async function depositByHand(
  pool: Contract,
  rollup: string,
  wallet: Wallet,
  amountWei: bigint,
): Promise<ContractTransactionReceipt> {
  const asset = address.parse(await pool.getFunction('asset')());
  if (asset === ZeroAddress) {
    await requireFunds(wallet, amountWei);
    return sendByHand(pool, 'deposit', [rollup, amountWei], amountWei);
  }
  await requireFunds(wallet, 0n);
  const token = new Contract(asset, TOKEN_ABI, wallet);
  await requireTokens(token, asset, wallet.address, amountWei);
  const spender = await pool.getAddress();
  const allowed = amount.parse(await token.getFunction('allowance')(wallet.address, spender));
  if (allowed < amountWei) await sendByHand(token, 'approve', [spender, amountWei]);
  return sendByHand(pool, 'deposit', [rollup, amountWei]);
}

async function requireTokens(token: Contract, asset: string, miner: string, neededWei: bigint): Promise<void> {
  const balance = amount.parse(await token.getFunction('balanceOf')(miner));
  if (balance >= neededWei) return;
  throw new Error(
    `The wallet ${miner} holds ${inCoins(balance)} of the token ${asset}, which the pool keeps; this needs ` +
      `${inCoins(neededWei)}: send it ${inCoins(neededWei - balance)} of the token first`,
  );
}
