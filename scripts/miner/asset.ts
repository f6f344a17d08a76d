import { Contract, formatUnits, isError, ZeroAddress } from 'ethers';
import { z } from 'zod';
import { parseAmountOf } from '../../platform/parse-amount.js';

/** What a pool keeps. JSON-safe. */
export interface Asset {
  /** Contract of the token (ERC-20); null for the chain's own coin. */
  token: string | null;
  /** As wallets show it; null for the coin, and for a token that does not tell it. */
  symbol: string | null;
  /** Digits of a whole one behind the point. */
  decimals: number;
}

export const COIN: Asset = { token: null, symbol: null, decimals: 18 };

/** EIP-20 leaves both out of what a token must have. */
const OPTIONAL_ABI = ['function symbol() view returns (string)', 'function decimals() view returns (uint8)'] as const;

/** What a pool keeps; amounts of a token that does not tell its decimals are in its smallest unit. */
export async function readAsset(pool: Contract): Promise<Asset> {
  const token = z.string().parse(await pool.getFunction('asset')());
  if (token === ZeroAddress) return COIN;
  const contract = new Contract(token, OPTIONAL_ABI, pool.runner);
  const [symbol, decimals] = await Promise.all([
    readIfThere(contract, 'symbol', z.string()),
    readIfThere(contract, 'decimals', z.bigint()),
  ]);
  return { token, symbol, decimals: Number(decimals ?? 0n) };
}

async function readIfThere<T>(contract: Contract, name: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(await contract.getFunction(name)());
  } catch (error) {
    // Nothing there, or something else than the standard says (some old tokens give 32 bytes as their symbol).
    if (isError(error, 'CALL_EXCEPTION') || isError(error, 'BAD_DATA')) return null;
    throw error;
  }
}

/**
 * An amount in smallest units.
 *
 * @param text in whole coins or tokens: `50`, `0.5`
 * @throws Error if it is finer than the asset
 */
export function parseAmount(text: string, { token, decimals }: Asset): bigint {
  return parseAmountOf(text, decimals, `the token ${token ?? ''}`);
}

/** An amount of smallest units in whole coins or tokens: `50`, `0.5`. */
export function amountText(units: bigint, { decimals }: Asset): string {
  return formatUnits(units, decimals).replace(/\.0$/, '');
}

/** An amount of wei in the chain's coin. */
export const inCoins = (wei: bigint): string => amountText(wei, COIN);
