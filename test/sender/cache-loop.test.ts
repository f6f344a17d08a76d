import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createCacheLoop } from '../../activities/sender/cache-loop.js';
import type { Prioritised } from '../../activities/sender/priority-cache.js';

test('what has to be looked at again at every block keeps nobody waiting, even if that takes longer than a block', async () => {
  const end = new AbortController();
  const handled: string[] = [];
  const loop = createCacheLoop<Prioritised>({
    ...{ name: 'test', parallel: 1, log: pino({ level: 'silent' }), onError: () => undefined },
    handle: async ({ key }) => {
      handled.push(key);
      loop.lookAgain();
      if (handled.length >= 6) end.abort();
      return key === 'good' ? 'done' : 'at-next-head';
    },
  });
  const item = (key: string, windowEnd: number): Prioritised => ({ key, rollup: key, firstBatch: 1, windowEnd });
  loop.put(item('good', 102));
  loop.put(item('refused', 100));
  loop.put(item('refused, too', 101));
  await loop.run(end.signal);
  expect(handled).toEqual(['refused', 'refused, too', 'good', 'refused', 'refused, too', 'refused']);
});
