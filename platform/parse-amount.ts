import { isError, parseUnits } from 'ethers';

/**
 * An amount of whole coins or tokens in smallest units.
 *
 * @param text as `50` or `0.5`
 * @param decimals digits that a whole one has behind the point
 * @param asset names it in the error
 * @throws Error if the amount is finer than the asset
 */
export function parseAmountOf(text: string, decimals: number, asset: string): bigint {
  try {
    return parseUnits(text, decimals);
  } catch (error) {
    if (!isError(error, 'NUMERIC_FAULT')) throw error;
    const digits = decimals === 0 ? 'no digits' : `${decimals} digits at most`;
    throw new Error(`${text} is finer than ${asset}, which has ${digits} behind the point`, { cause: error });
  }
}
