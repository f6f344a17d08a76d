import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClaimLead } from '../../activities/proving/slots/claim-lead.js';
import { createSlotForecast, quantile } from '../../activities/proving/slots/slot-forecast.js';

describe('the end of a proof', () => {
  test('is not known of the first of a kind that tells nothing', () => {
    const forecast = createSlotForecast();
    forecast.begin('batch', 0).done(400);
    expect(forecast.begin('final', 1_000).expectedEnd()).toBeNull();
    expect(forecast.begin('batch', 1_000).expectedEnd()).toBe(1_400);
  });

  test('follows the machine when it gets slower', () => {
    const forecast = createSlotForecast();
    for (let proof = 0; proof < 20; proof++) forecast.begin('batch', 0).done(400);
    for (let proof = 0; proof < 20; proof++) forecast.begin('batch', 0).done(900);
    expect(forecast.begin('batch', 0).expectedEnd()).toBe(900);
  });

  test('is where the told share of a stage leads to, and what follows that stage', () => {
    const forecast = createSlotForecast();
    const first = forecast.begin('batch', 0);
    first.progress('proof', undefined, 100);
    expect(first.expectedEnd()).toBeNull();
    first.progress('proof', 0.25, 200);
    expect(first.expectedEnd()).toBe(500);
    first.progress('proof', 0.5, 250);
    expect(first.expectedEnd()).toBe(400);
    first.progress('check', undefined, 400);
    // Nothing is told of this stage, and nothing known of proofs like it.
    expect(first.expectedEnd()).toBeNull();
    first.done(460);

    const second = forecast.begin('batch', 1_000);
    expect(second.expectedEnd()).toBe(1_460);
    second.progress('proof', undefined, 1_100);
    second.progress('proof', 0.5, 1_300);
    expect(second.expectedEnd()).toBe(1_560);
  });

  test('is foreseen exactly of proofs that go on evenly, whatever their length', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 10, max: 100_000 }), { minLength: 1 }), (lengths) => {
        const forecast = createSlotForecast();
        for (const length of lengths) {
          const proof = forecast.begin('batch', 0);
          proof.progress('proof', 0, 0);
          proof.progress('proof', 0.5, length / 2);
          expect(proof.expectedEnd()).toBeCloseTo(length, 6);
          proof.done(length);
        }
      }),
    );
  });
});

describe('the lead of a claim', () => {
  test('covers four of five claims and fetches, and no single slow one', () => {
    const lead = createClaimLead();
    const before = lead.leadMs();
    expect(before).toBeGreaterThan(0);
    for (let claim = 0; claim < 19; claim++) lead.claimed(100);
    lead.claimed(60_000);
    for (let fetch = 0; fetch < 20; fetch++) lead.fetched(200);
    expect(lead.leadMs()).toBeGreaterThanOrEqual(300);
    expect(lead.leadMs()).toBeLessThan(400);
  });

  test('has a bound, however slow the way is', () => {
    const lead = createClaimLead();
    lead.claimed(3_600_000);
    expect(lead.leadMs()).toBe(10_000);
  });
});

test('a quantile is one of the samples', () => {
  expect(quantile([], 0.5)).toBeNull();
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (samples, share) => {
        expect(samples).toContain(quantile(samples, share));
      },
    ),
  );
});
