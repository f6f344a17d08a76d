/** Wei a gas. For a legacy transaction both are its gas price. */
export interface Fees {
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

/** What the chain asks for now. */
export interface FeeMarket {
  /** Base fee of the head block in wei; null on a chain without EIP-1559. */
  baseFeePerGas: bigint | null;
  /** Tip that the endpoint suggests, in wei; on a chain without EIP-1559 the gas price. */
  suggested: bigint;
}

/** Nodes refuse a replacement that raises either fee by less than 10 %. */
const BUMP_PERCENT = 10n;

/**
 * The least fee that the next block may ask for, whatever it holds: a base fee grows by an eighth a block at most
 * (EIP-1559).
 */
export function nextBaseFee({ baseFeePerGas }: FeeMarket): bigint {
  return baseFeePerGas === null ? 0n : divideUp(baseFeePerGas * 9n, 8n);
}

/** What of a cap a step may use: the rest is kept, so that a no-op can still be offered in its place. */
export function capForStep(cap: bigint): bigint {
  return (cap * 100n) / (100n + BUMP_PERCENT);
}

/**
 * What to offer for a new transaction: room for the base fee to double, and never more than the cap.
 *
 * @returns null where a transaction under the cap could not be mined in the next block
 */
export function firstOffer(market: FeeMarket, cap: bigint): Fees | null {
  if (market.baseFeePerGas === null) {
    if (market.suggested > cap) return null;
    return { maxFeePerGas: market.suggested, maxPriorityFeePerGas: market.suggested };
  }
  const maxFeePerGas = smaller(market.baseFeePerGas * 2n + market.suggested, cap);
  if (maxFeePerGas < nextBaseFee(market)) return null;
  return { maxFeePerGas, maxPriorityFeePerGas: smaller(market.suggested, maxFeePerGas) };
}

/**
 * What to offer in place of an earlier offer at the same nonce: both fees at least 10 % higher.
 *
 * @returns null where the cap leaves no room for that
 */
export function raisedOffer(earlier: Fees, market: FeeMarket, cap: bigint): Fees | null {
  const least: Fees = {
    maxFeePerGas: raised(earlier.maxFeePerGas),
    maxPriorityFeePerGas: raised(earlier.maxPriorityFeePerGas),
  };
  if (least.maxFeePerGas > cap) return null;
  if (market.baseFeePerGas === null) {
    const gasPrice = smaller(larger(least.maxFeePerGas, market.suggested), cap);
    return { maxFeePerGas: gasPrice, maxPriorityFeePerGas: gasPrice };
  }
  const maxPriorityFeePerGas = larger(least.maxPriorityFeePerGas, smaller(market.suggested, cap));
  const wished = market.baseFeePerGas * 2n + maxPriorityFeePerGas;
  const maxFeePerGas = larger(least.maxFeePerGas, smaller(wished, cap));
  return { maxFeePerGas, maxPriorityFeePerGas: smaller(maxPriorityFeePerGas, maxFeePerGas) };
}

function raised(fee: bigint): bigint {
  // One wei more at least: 10 % of nothing is nothing.
  return larger(divideUp(fee * (100n + BUMP_PERCENT), 100n), fee + 1n);
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
