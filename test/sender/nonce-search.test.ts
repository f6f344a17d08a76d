import { beforeEach, expect, test } from 'vitest';
import { createNonceSearch, type NonceSearch } from '../../activities/sender/nonce-search.js';
import { word32 } from '../support/proof-samples.js';

const WALLET = '0x00000000000000000000000000000000000000Aa';
const USED_AT = new Map([
  [100, 7],
  [940, 8],
]);

let read: number[];
let search: NonceSearch;

beforeEach(() => {
  read = [];
  search = createNonceSearch(
    {
      async transactionsIn(block) {
        read.push(block);
        const nonce = USED_AT.get(block);
        const others = { hash: word32(block), from: '0x00000000000000000000000000000000000000bb', nonce: 7 };
        return nonce === undefined ? [others] : [others, { hash: word32(nonce), from: WALLET.toLowerCase(), nonce }];
      },
    },
    WALLET,
  );
});

test('what was used a moment ago is found in the first look', async () => {
  expect(await search.find(8, { from: 0, to: 950 }, 960)).toEqual({ hash: word32(8), block: 940 });
  expect(read).toEqual([950, 949, 948, 947, 946, 945, 944, 943, 942, 941, 940]);
});

test('a few blocks are read at a head, however many ask; the next head goes on, and no block is read twice', async () => {
  const askAt = (head: number) =>
    Promise.all([7, 9, 10].map((nonce) => search.find(nonce, { from: 90, to: head - 10 }, head)));
  let head = 1_000;
  for (let answers: unknown[] = []; !answers.some((answer) => typeof answer === 'object'); head += 1) {
    const before = read.length;
    answers = await askAt(head);
    expect(read.length - before).toBeLessThanOrEqual(16);
    if (head > 1_200) throw new Error('it is not found');
  }
  expect(await search.find(7, { from: 90, to: head - 10 }, head)).toEqual({ hash: word32(7), block: 100 });
  expect(new Set(read).size).toBe(read.length);
});

test('says that it is not there once all blocks were looked at, and looks at those that come', async () => {
  expect(await search.find(8, { from: 930, to: 939 }, 949)).toBe('not there');
  expect(await search.find(8, { from: 930, to: 940 }, 950)).toEqual({ hash: word32(8), block: 940 });
});
