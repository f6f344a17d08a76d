import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseBenchOptions } from '../../lab/benchmarks/bench-options.js';
import type { BenchOutcome } from '../../lab/benchmarks/measurement.js';
import { runBenchmarks } from '../../lab/benchmarks/run-benchmarks.js';

// Real servers and processes, few and short proofs: whether the benchmarks work, not how fast anything is.
const directory = mkdtempSync(join(tmpdir(), 'zkpow-bench-test-'));
const json = join(directory, 'bench.json');
const page = join(directory, 'bench.html');
const MACHINES = 2;
const BATCHES = 11;
let outcome: BenchOutcome;

beforeAll(async () => {
  const small = ['--scale', '0.02', '--factor', '2000', '--machines', String(MACHINES)];
  const options = parseBenchOptions(['stress', ...small, '--json', json, '--report', page]);
  if (!options) throw new Error('no options');
  const [first] = await runBenchmarks(options, () => {});
  if (!first) throw new Error('nothing was measured');
  outcome = first;
}, 400_000);
afterAll(() => rmSync(directory, { recursive: true }));

describe('npm run bench', () => {
  test('has every proof of the work made exactly once, in each of the three ways', () => {
    expect(outcome.ways.map(({ name }) => name)).toEqual(['zkpow', 'graphile-worker', 'old way']);
    for (const { result, slots } of outcome.ways) {
      expect(result.spans.filter(({ kind }) => kind === 'batch')).toHaveLength(BATCHES);
      expect(new Set(result.spans.map(({ taskId }) => taskId)).size).toBe(2 * BATCHES);
      expect(result.spans).toHaveLength(2 * BATCHES);
      expect(slots).toHaveLength(MACHINES);
    }
  });

  test('folds no proof in the old way before all batches of its sequence are proved', () => {
    const { spans } = outcome.ways[2]?.result ?? { spans: [] };
    const finals = spans.filter(({ kind }) => kind === 'final');
    expect(finals.length).toBeGreaterThan(0);
    for (const { firstBatch, lastBatch } of finals) {
      const own = spans.filter((span) => span.firstBatch >= firstBatch && span.lastBatch <= lastBatch);
      const batchEnds = own.filter(({ kind }) => kind === 'batch').map(({ endedAtMs }) => endedAtMs);
      const foldBegins = own.filter(({ kind }) => kind === 'aggregate').map(({ beganAtMs }) => beganAtMs);
      for (const begin of foldBegins) expect(begin).toBeGreaterThanOrEqual(Math.max(...batchEnds));
    }
  });

  test('writes the figures as JSON', () => {
    const measurement: unknown = JSON.parse(readFileSync(json, 'utf8'));
    expect(measurement).toEqual({
      ...{ name: 'stress, factor 2000', tasks: 2 * BATCHES, slots: MACHINES, machine: expect.any(String) },
      ...{ wallMs: expect.any(Number), boundMs: expect.any(Number), utilisation: expect.any(Number) },
      ...{ gapMsP50: expect.any(Number), gapMsP99: expect.any(Number) },
      ...{ cpuSecondsPer1000: expect.toBeOneOf([expect.any(Number), null]), bytesPerProof: expect.any(Number) },
      ratios: { oldWay: expect.any(Number), graphileWorker: expect.any(Number) },
    });
  });

  test('draws every proof of every way on a page that needs nothing else', () => {
    const html = readFileSync(page, 'utf8');
    expect(html.match(/<rect /g)).toHaveLength(3 * 2 * BATCHES);
    expect(html).not.toMatch(/(src|href)=/);
  });
});
