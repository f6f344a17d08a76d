import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHoldUps, type HoldUps } from '../../activities/sender/hold-ups.js';
import { createLatestTeller } from '../../activities/sender/latest-teller.js';
import type { Transaction } from '../../activities/sender/transactions.js';
import { sampleSequence } from '../support/proof-samples.js';

const REVEAL: Transaction = {
  ...{ id: '1', sequence: sampleSequence(1, 1), step: 'reveal', tryNumber: 1, round: 5, state: 'pending' },
  ...{ proofHash: null, nonce: 3, cancelWanted: false, mined: null, note: null, feeCapWei: null },
};
const COMMIT: Transaction = { ...REVEAL, id: '2', step: 'commit' };

describe('what holds steps up', () => {
  let holdUps: HoldUps;
  let told: (string | null)[];
  let notes: unknown[];

  beforeEach(() => {
    vi.useFakeTimers();
    notes = [];
    const database = {
      query: async (_text: string, values: unknown[] = []) => {
        notes.push(values[1]);
        return { rows: [], rowCount: 1 };
      },
    };
    holdUps = createHoldUps(database, pino({ level: 'silent' }));
    holdUps.newHead(100);
    told = [];
    holdUps.track(REVEAL);
    holdUps.subscribe(REVEAL, (reason) => void told.push(reason));
  });
  afterEach(() => vi.useRealTimers());

  test('is told when it lasts for two blocks, whatever the reason turns into, and when it is over', async () => {
    await holdUps.report(REVEAL, 'no endpoint takes it');
    holdUps.newHead(101);
    await holdUps.report(REVEAL, 'it is not mined');
    expect(told).toEqual([]);
    holdUps.newHead(102);
    holdUps.look();
    expect(told).toEqual(['it is not mined']);
    expect(holdUps.count()).toEqual(new Map([['reveal', 1]]));
    await holdUps.clear({ ...REVEAL, note: 'it is not mined' });
    expect(told).toEqual(['it is not mined', null]);
    expect(notes).toEqual(['no endpoint takes it', 'it is not mined', null]);
    expect(holdUps.count()).toEqual(new Map());
  });

  test('is told after a while where no blocks come, and a refusal at once', async () => {
    await holdUps.report(REVEAL, 'no answer');
    vi.advanceTimersByTime(15_000);
    holdUps.look();
    await holdUps.report(COMMIT, 'the wallet is empty', 'at once');
    expect(told).toEqual(['no answer']);
    expect(holdUps.count()).toEqual(
      new Map([
        ['reveal', 1],
        ['commit', 1],
      ]),
    );
  });

  test('is told once while only the numbers in it move on; its note has the newest', async () => {
    for (const [block, baseFee] of ['20.25', '21', '23.625'].entries()) {
      holdUps.newHead(200 + block);
      await holdUps.report(REVEAL, `the next block may ask for ${baseFee} gwei`, 'at once');
    }
    expect(told).toEqual(['the next block may ask for 20.25 gwei']);
    expect(notes.at(-1)).toBe('the next block may ask for 23.625 gwei');
    await holdUps.report(REVEAL, 'the wallet is empty', 'at once');
    expect(told.at(-1)).toBe('the wallet is empty');
  });

  test('of all steps at once is told of each, until it is over', () => {
    holdUps.track(COMMIT);
    holdUps.reportAll('the chain cannot be read');
    vi.advanceTimersByTime(15_000);
    holdUps.look();
    expect(told).toEqual(['the chain cannot be read']);
    expect(holdUps.count()).toEqual(
      new Map([
        ['reveal', 1],
        ['commit', 1],
      ]),
    );
    holdUps.reportAll(null);
    holdUps.look();
    expect(told).toEqual(['the chain cannot be read', null]);
  });

  test('of a step that has ended is forgotten', async () => {
    await holdUps.report(REVEAL, 'the wallet is empty', 'at once');
    holdUps.forget(REVEAL.id);
    expect(holdUps.count()).toEqual(new Map());
  });

  test('is kept in memory where the database is away', () => {
    const away = { query: () => Promise.reject(new Error('the database is away')) };
    const others = createHoldUps(away, pino({ level: 'silent' }));
    others.track(REVEAL);
    others.reportFailure(REVEAL.id, 'the database is away');
    others.newHead(2);
    expect(others.count()).toEqual(new Map([['reveal', 1]]));
  });
});

describe('the latest state', () => {
  test('is told one after the other, and again where it could not be told', async () => {
    const sent: (string | null)[] = [];
    let isAway = true;
    const teller = createLatestTeller(async (state) => {
      if (isAway) throw new Error('nobody is there');
      sent.push(state);
    });
    teller.tell('first');
    await Promise.resolve();
    teller.tell('second');
    isAway = false;
    await new Promise(setImmediate);
    teller.tryAgain();
    await teller.end();
    expect(sent).toEqual(['second']);
  });

  test('is not told after the end', async () => {
    const sent: (string | null)[] = [];
    const teller = createLatestTeller(async (state) => void sent.push(state));
    await teller.end();
    teller.tell('too late');
    await new Promise(setImmediate);
    expect(sent).toEqual([]);
  });
});
