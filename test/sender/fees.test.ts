import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capForStep, firstOffer, nextBaseFee, raisedOffer, type FeeMarket } from '../../activities/sender/fees.js';

const wei = fc.bigInt({ min: 0n, max: 10n ** 13n });
const market: fc.Arbitrary<FeeMarket> = fc.record({ baseFeePerGas: fc.option(wei), suggested: wei });

describe('fees', () => {
  test('a first offer is under its cap and can be mined in the next block', () => {
    fc.assert(
      fc.property(market, wei, (now, cap) => {
        const offer = firstOffer(now, cap);
        fc.pre(offer !== null);
        expect(offer.maxFeePerGas).toBeLessThanOrEqual(cap);
        expect(offer.maxPriorityFeePerGas).toBeLessThanOrEqual(offer.maxFeePerGas);
        expect(offer.maxFeePerGas).toBeGreaterThanOrEqual(nextBaseFee(now));
      }),
    );
  });

  test('a first offer is refused only where the cap is below what the next block may ask for', () => {
    fc.assert(
      fc.property(market, wei, (now, cap) => {
        fc.pre(firstOffer(now, cap) === null);
        expect(cap).toBeLessThan(now.baseFeePerGas === null ? now.suggested : nextBaseFee(now));
      }),
    );
  });

  test('a raised offer raises both fees by 10 % at least and stays under its cap', () => {
    fc.assert(
      fc.property(market, market, wei, wei, (before, now, cap, higherCap) => {
        const earlier = firstOffer({ ...before, baseFeePerGas: now.baseFeePerGas === null ? null : 1n }, cap);
        fc.pre(earlier !== null);
        const offer = raisedOffer(earlier, now, higherCap);
        fc.pre(offer !== null);
        expect(offer.maxFeePerGas * 10n).toBeGreaterThanOrEqual(earlier.maxFeePerGas * 11n);
        expect(offer.maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(earlier.maxPriorityFeePerGas * 11n);
        expect(offer.maxFeePerGas).toBeGreaterThan(earlier.maxFeePerGas);
        expect(offer.maxFeePerGas).toBeLessThanOrEqual(higherCap);
        expect(offer.maxPriorityFeePerGas).toBeLessThanOrEqual(offer.maxFeePerGas);
      }),
    );
  });

  test('a step leaves room under the cap for the no-op that cancels it', () => {
    fc.assert(
      fc.property(market, market, fc.bigInt({ min: 1_000n, max: 10n ** 15n }), (before, now, cap) => {
        const step = firstOffer(before, capForStep(cap));
        fc.pre(step !== null && (before.baseFeePerGas === null) === (now.baseFeePerGas === null));
        expect(step && raisedOffer(step, now, cap)).not.toBeNull();
      }),
    );
  });

  test('there is no raised offer exactly when 10 % more is over the cap', () => {
    const fees = { maxFeePerGas: 100n, maxPriorityFeePerGas: 10n };
    const now = { baseFeePerGas: 50n, suggested: 10n };
    expect(raisedOffer(fees, now, 109n)).toBeNull();
    expect(raisedOffer(fees, now, 110n)).toEqual({ maxFeePerGas: 110n, maxPriorityFeePerGas: 11n });
  });

  test('a fee of nothing is raised, too: nodes take no replacement with an equal one', () => {
    const fees = { maxFeePerGas: 100n, maxPriorityFeePerGas: 0n };
    const now = { baseFeePerGas: 10n, suggested: 0n };
    expect(raisedOffer(fees, now, 1_000n)).toEqual({ maxFeePerGas: 110n, maxPriorityFeePerGas: 1n });
  });

  test('a raised offer follows a market that has risen further', () => {
    const fees = { maxFeePerGas: 100n, maxPriorityFeePerGas: 10n };
    expect(raisedOffer(fees, { baseFeePerGas: 500n, suggested: 20n }, 10_000n)).toEqual({
      maxFeePerGas: 1020n,
      maxPriorityFeePerGas: 20n,
    });
  });

  test('a chain without a base fee has one price', () => {
    expect(firstOffer({ baseFeePerGas: null, suggested: 7n }, 8n)).toEqual({
      maxFeePerGas: 7n,
      maxPriorityFeePerGas: 7n,
    });
    expect(firstOffer({ baseFeePerGas: null, suggested: 7n }, 6n)).toBeNull();
  });
});
