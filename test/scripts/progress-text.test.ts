import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, progressLine, progressList, type WatchedSequence } from '../../scripts/demo/progress-text.js';
import { startProgress, type SequenceProgress } from '../../domain/sequence-progress.js';

const ROLLUP = '0x000000000000000000000000000000000000dEaD';

function watched(firstBatch: number, lastBatch: number, news: Partial<SequenceProgress> | null): WatchedSequence {
  const accInputHash = `0x${'ab'.repeat(32)}` as const;
  const identity = { chainId: 31337, rollup: ROLLUP, firstBatch, lastBatch, accInputHash };
  const posted = { ...identity, blockNumber: 7, transactionHash: `0x${'cd'.repeat(32)}` as const };
  return { posted, progress: news && { ...startProgress(identity, ROLLUP), ...news } };
}

describe('progressList', () => {
  it('has a bar, a count and the stage for each sequence, then block and time', () => {
    const proofs = { batch: { done: 2, needed: 2 }, aggregate: { done: 0, needed: 1 }, final: { done: 0, needed: 1 } };
    const text = progressList(
      [
        watched(1, 1, { stage: 'hash window', doing: 'T1: until block 132' }),
        watched(2, 3, { proofs }),
        watched(4, 6, null),
      ],
      127,
      72,
    );
    expect(text.split('\n')).toEqual([
      '  batch 1      ░░░░░░░░░░░░░░░░  0/2 proofs     hash window: T1: until block 132',
      '  batches 2-3  ████████░░░░░░░░  2/4 proofs     proving: reading the chain',
      '  batches 4-6  ░░░░░░░░░░░░░░░░  0/? proofs     posted',
      '',
      '  block 127 · 1 min 12 s',
    ]);
  });

  it('shows an alarm under its sequence', () => {
    const text = progressList([watched(1, 1, { stage: 'attention', alarm: 'no gas' })], null, 3);
    expect(text).toMatch(/attention.*\n\s+! no gas\n/);
  });

  it('draws bars of one width that never shrink as proofs come', () => {
    const counts = fc
      .integer({ min: 1, max: 500 })
      .chain((needed) => fc.tuple(fc.nat(needed - 1), fc.constant(needed)));
    fc.assert(
      fc.property(counts, ([done, needed]) => {
        const filled = (count: number): number => {
          const proofs = { ...startProgress(watched(1, 1, {}).posted, ROLLUP).proofs, batch: { done: count, needed } };
          const [bar = ''] = /[█░]+/.exec(progressList([watched(1, 1, { proofs })], 1, 1)) ?? [];
          expect([...bar]).toHaveLength(16);
          return [...bar].filter((cell) => cell === '█').length;
        };
        expect(filled(done + 1)).toBeGreaterThanOrEqual(filled(done));
      }),
    );
  });
});

it('a line says how a sequence ended', () => {
  const done = watched(2, 3, { stage: 'done', outcome: 'rewarded' });
  expect(progressLine(done)).toBe('batches 2-3: 0/4 proofs, done: our proof was accepted');
});

it('durations are told as people tell them', () => {
  expect([0.04, 9.96, 59, 61, 3_600].map(duration)).toEqual(['0.0 s', '10.0 s', '59 s', '1 min 1 s', '60 min 0 s']);
});
