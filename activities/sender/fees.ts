import { larger, smaller } from './amounts.js';

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
 * The highest base fee that the next block can have: it grows by an eighth a block at most (EIP-1559). What offers less may not
 * be mined in it.
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

/**
 * What to offer now, in place of none of the nonce's attempts or of several: above every one of `outbid`, and otherwise
 * what the market asks for, whether that has risen or fallen.
 *
 * @param outbid attempts that a pool may hold: it takes only what pays more
 * @returns null where nothing under the cap could be mined in the next block, or be taken in place of those
 */
export function marketOffer(outbid: readonly Fees[], market: FeeMarket, cap: bigint): Fees | null {
  const [first, ...others] = outbid;
  if (!first) return firstOffer(market, cap);
  const highest = others.reduce<Fees>(
    (a, b) => ({
      maxFeePerGas: larger(a.maxFeePerGas, b.maxFeePerGas),
      maxPriorityFeePerGas: larger(a.maxPriorityFeePerGas, b.maxPriorityFeePerGas),
    }),
    first,
  );
  return raisedOffer(highest, market, cap);
}

/** How much may be offered at most, in wei a gas. */
export interface OfferLimits {
  /** Our own: the fee cap, or what the wallet can pay. */
  own: bigint;
  /** What nodes take, as far as they have said so; null where they have not. */
  fits: bigint | null;
}

/**
 * As `marketOffer`, within what nodes take where that can be mined in the next block.
 *
 * @param beyond whether more than that is offered where it cannot: another node may take it
 */
export function offerWithin(
  outbid: readonly Fees[],
  market: FeeMarket,
  { own, fits }: OfferLimits,
  beyond: boolean,
): Fees | null {
  if (fits === null || fits >= own) return marketOffer(outbid, market, own);
  const fitting = marketOffer(outbid, market, fits);
  if (fitting && isMineable(fitting, market)) return fitting;
  return beyond ? marketOffer(outbid, market, own) : null;
}

/** Whether an offer is more than twice what the market asks for: landing, it would be paid for nothing. */
export function isFarAbove(offer: Fees, asked: Fees): boolean {
  return offer.maxFeePerGas > asked.maxFeePerGas * 2n || offer.maxPriorityFeePerGas > asked.maxPriorityFeePerGas * 2n;
}

/** Whether the next block may take it, whatever the block before holds. */
export function isMineable({ maxFeePerGas }: Fees, market: FeeMarket): boolean {
  return maxFeePerGas >= nextBaseFee(market);
}

function raised(fee: bigint): bigint {
  // One wei more at least: 10 % of nothing is nothing.
  return larger(divideUp(fee * (100n + BUMP_PERCENT), 100n), fee + 1n);
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
