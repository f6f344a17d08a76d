import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPriorityCache, type Prioritised } from '../../activities/sender/priority-cache.js';

const item: fc.Arbitrary<Prioritised> = fc.record({
  key: fc.integer({ min: 0, max: 30 }).map(String),
  rollup: fc.constantFrom('0xa', '0xb', '0xc'),
  firstBatch: fc.integer({ min: 1, max: 9 }),
  windowEnd: fc.option(fc.integer({ min: 1, max: 20 })),
});

function filled(items: Prioritised[]) {
  const cache = createPriorityCache<Prioritised>();
  for (const one of items) cache.put(one);
  return cache;
}

function takeAll(items: Prioritised[]): Prioritised[] {
  const cache = filled(items);
  const taken: Prioritised[] = [];
  for (let next = cache.take(); next; next = cache.take()) taken.push(next);
  return taken;
}

describe('priority cache', () => {
  test('holds a key once, with the newest item', () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const newest = new Map(items.map((one) => [one.key, one]));
        const cache = filled(items);
        expect(cache.size).toBe(newest.size);
        expect(new Set(cache.sorted())).toEqual(new Set(newest.values()));
      }),
    );
  });

  test('gives the lowest height of a rollup first, whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const taken = takeAll(items);
        for (const rollup of ['0xa', '0xb', '0xc']) {
          const heights = taken.filter((one) => one.rollup === rollup).map(({ firstBatch }) => firstBatch);
          expect(heights).toEqual([...heights].sort((a, b) => a - b));
        }
      }),
    );
  });

  test('takes from the rollup in which a window ends first', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1 }), (items) => {
        const cache = filled(items);
        const all = cache.sorted();
        const end = (rollup: string) =>
          Math.min(...all.filter((one) => one.rollup === rollup).map(({ windowEnd }) => windowEnd ?? Infinity));
        const first = cache.take();
        expect(first && end(first.rollup)).toBe(Math.min(...all.map(({ rollup }) => end(rollup))));
      }),
    );
  });

  test('does not depend on the order of arrival', () => {
    const distinct = fc.uniqueArray(item, { selector: ({ key }) => key });
    const shuffled = distinct.chain((items) =>
      fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length })),
    );
    fc.assert(fc.property(shuffled, ([items, others]) => void expect(takeAll(items)).toEqual(takeAll(others))));
  });

  test('has nothing to give when empty', () => {
    expect(createPriorityCache().take()).toBeUndefined();
  });
});
