import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulatedSeconds } from '../../provers/backends/simulated/simulated-seconds.js';

const ROLLUP = '0x00000000000000000000000000000000000000Bb';
const secondsByKind = { batch: 10, aggregate: 2, final: 4 };

function batchSeconds(seed: string | undefined, batch: number, spread = 0.2): number {
  const statement = { rollup: ROLLUP, firstBatch: batch, lastBatch: batch };
  return simulatedSeconds({ secondsByKind, spread, ...(seed === undefined ? {} : { seed }) }, 'batch', statement);
}

describe('the time of a simulated proof', () => {
  test('is the mean where there is no spread', () => {
    expect(batchSeconds('any', 7, 0)).toBe(10);
  });

  test('is the same for a task in every run, and another for the next task and the next seed', () => {
    expect(batchSeconds('one', 7)).toBe(batchSeconds('one', 7));
    expect(batchSeconds('one', 7)).not.toBe(batchSeconds('one', 8));
    expect(batchSeconds('one', 7)).not.toBe(batchSeconds('two', 7));
  });

  test('without a seed is drawn anew each time', () => {
    expect(batchSeconds(undefined, 7)).not.toBe(batchSeconds(undefined, 7));
  });

  test('is normally distributed around the mean', () => {
    const seconds = Array.from({ length: 2_000 }, (_, batch) => batchSeconds('seed', batch));
    const mean = seconds.reduce((sum, value) => sum + value) / seconds.length;
    const deviation = Math.sqrt(seconds.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seconds.length);
    expect(mean).toBeCloseTo(10, 0);
    expect(deviation).toBeCloseTo(2, 0);
  });

  test('is never below a tenth of the mean', () => {
    const anySpread = fc.double({ min: 0, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(fc.string(), fc.nat(), anySpread, (seed, batch, spread) => {
        expect(batchSeconds(seed, batch, spread)).toBeGreaterThan(0.999);
      }),
    );
  });
});
