import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, drawSequences, equalSequences, type BenchWork } from '../../lab/benchmarks/bench-work.js';
import { idealSchedule } from '../../lab/benchmarks/ideal-schedule.js';
import { parseBenchOptions } from '../../lab/benchmarks/bench-options.js';
import { compareWithJobQueue, figuresOf } from '../../lab/benchmarks/measurement.js';
import type { ProofSpan } from '../../lab/benchmarks/proof-log.js';
import { gapsOf, quantileOf, slotsOf } from '../../lab/benchmarks/slot-use.js';
import type { WayResult } from '../../lab/benchmarks/way.js';
import { batchCount } from '../../domain/sequence.js';

const secondsByKind = { batch: 4, aggregate: 1, final: 2 };

function work(changes: Partial<BenchWork> = {}): BenchWork {
  return { sequences: equalSequences(8, 4), times: { secondsByKind }, inputBytes: 0, folds: true, ...changes };
}

function span(machine: string, beganAtMs: number, endedAtMs: number, changes: Partial<ProofSpan> = {}): ProofSpan {
  const batch = { kind: 'batch' as const, firstBatch: 1, lastBatch: 1 };
  return { machine, slot: 1, taskId: '', ...batch, beganAtMs, endedAtMs, ...changes };
}

function result(spans: ProofSpan[], wallMs = 1_000): WayResult {
  const cpu = { servers: null, aggregator: null, provers: null };
  return { startedAtMs: 0, wallMs, spans, cpu, historyBytes: 0, databaseBytes: 0 };
}

describe('the bound of a work', () => {
  test('with few slots is all work shared evenly, folds and final proofs included', () => {
    // Two sequences of four batches: 8 batches, 6 folds, 2 final proofs.
    expect(boundOf(work(), 2)).toEqual({ tasks: 16, totalMs: 42_000, boundMs: 21_000 });
  });

  test('with many slots is the longest chain: a batch, two folds, a final proof', () => {
    expect(boundOf(work(), 100).boundMs).toBe(8_000);
  });

  test('of equal tasks is what the busiest slot has', () => {
    const bound = boundOf(work({ sequences: equalSequences(11, 4), folds: false }), 10);
    expect(bound).toEqual({ tasks: 11, totalMs: 44_000, boundMs: 8_000 });
  });
});

describe('the schedule without overhead', () => {
  test('of equal tasks is their bound', () => {
    const flat = work({ sequences: equalSequences(11, 4), folds: false });
    expect(idealSchedule(flat, 10).wallMs).toBe(boundOf(flat, 10).boundMs);
  });

  test('with one slot finishes each sequence before it begins the next', () => {
    const { wallMs, spans } = idealSchedule(work({ sequences: equalSequences(4, 2) }), 1);
    expect(wallMs).toBe(22_000);
    const sequence = ['batch', 'batch', 'aggregate', 'final'];
    expect(spans.map(({ kind }) => kind)).toEqual([...sequence, ...sequence]);
  });

  test('waits for folds where the bound does not: at the end of three batches on two slots', () => {
    const three = work({ sequences: equalSequences(3, 3) });
    // Batches 1 and 2, then batch 3 beside their fold, the second fold, the final proof: 4 + 4 + 1 + 2.
    expect(idealSchedule(three, 2).wallMs).toBe(11_000);
    expect(boundOf(three, 2).boundMs).toBe(8_000);
  });

  test('is never below the bound, and no slot makes two proofs at a time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.string(),
        (batches, slots, seed) => {
          const drawn = work({
            sequences: drawSequences(batches, 9, seed),
            times: { secondsByKind, spread: 0.3, seed },
          });
          const { wallMs, spans } = idealSchedule(drawn, slots);
          const { tasks, boundMs } = boundOf(drawn, slots);
          expect(spans).toHaveLength(tasks);
          expect(wallMs).toBeGreaterThanOrEqual(boundMs * (1 - 1e-9));
          expect(gapsOf(slotsOf(spans)).every((gap) => gap >= 0)).toBe(true);
        },
      ),
    );
  });
});

describe('drawn sequences', () => {
  test('follow each other, hold all batches and none too many, and are the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.string(), (batches, seed) => {
        const sequences = drawSequences(batches, 20, seed);
        expect(sequences.map(batchCount).reduce((sum, count) => sum + count)).toBe(batches);
        expect(Math.max(...sequences.map(batchCount))).toBeLessThanOrEqual(20);
        sequences
          .slice(1)
          .forEach((next, index) => expect(next.firstBatch).toBe((sequences[index]?.lastBatch ?? 0) + 1));
        expect(drawSequences(batches, 20, seed)).toEqual(sequences);
      }),
    );
  });
});

describe('figures of a run', () => {
  test('count a gap between two proofs of a slot, not between slots or machines', () => {
    const spans = [
      span('a', 0, 10),
      span('b', 5, 20),
      span('a', 13, 20),
      span('a', 12, 30, { slot: 2 }),
      span('b', 20, 30),
    ];
    expect(gapsOf(slotsOf(spans))).toEqual([0, 3]);
  });

  test('take a quantile from the values themselves', () => {
    expect(quantileOf([], 0.5)).toBeNull();
    expect(quantileOf([7], 0.99)).toBe(7);
    expect(quantileOf([1, 2, 3, 4], 0.5)).toBe(2);
    expect(quantileOf([1, 2, 3, 4], 0.99)).toBe(4);
  });

  test('tell how long a sequence took from its last batch proof to its final proof', () => {
    const spans = [
      span('a', 0, 100),
      span('b', 0, 150, { firstBatch: 2, lastBatch: 2 }),
      span('a', 200, 260, { kind: 'final', firstBatch: 1, lastBatch: 2 }),
    ];
    const figures = figuresOf('ours', result(spans), { tasks: 3, totalMs: 310, boundMs: 200 }, 2);
    expect(figures).toMatchObject({ tailsMs: [110], firstStartMs: 0, gapMsP50: 100, utilisation: 0.155 });
  });
});

describe('the comparison with a job queue', () => {
  const figures = (wallMs: number, gapMs: number) =>
    figuresOf(
      '',
      result([span('a', 0, 10), span('a', 10 + gapMs, 30)], wallMs),
      { tasks: 2, totalMs: 20, boundMs: 20 },
      1,
    );

  test('asks for no more than the same', () => {
    expect(compareWithJobQueue(figures(1_000, 5), figures(1_000, 5))).toEqual([]);
  });

  test('names what is worse, with the figures', () => {
    const failures = compareWithJobQueue(figures(1_001, 15), figures(1_000, 5));
    expect(failures).toHaveLength(3);
    expect(failures[1]).toBe('median gap 15.0 ms, graphile-worker 5.0 ms');
  });
});

describe('the command line', () => {
  test('without a name means all benchmarks', () => {
    expect(parseBenchOptions([])?.names).toEqual(['stress', 'flat', 'burst', 'wan', 'idle', 'growth', 'dead']);
  });

  test('says what is wrong', () => {
    expect(() => parseBenchOptions(['fast'])).toThrow('There is no benchmark "fast": choose from demo, stress,');
    expect(() => parseBenchOptions(['flat', '--scale', '2'])).toThrow('--scale 2: give a number above 0 and up to 1');
  });
});
