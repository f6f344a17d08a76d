import { expect, test } from 'vitest';
import { figuresOf, measurementOf } from '../../lab/benchmarks/measurement.js';
import type { ProofSpan } from '../../lab/benchmarks/proof-log.js';
import { reportPage } from '../../lab/benchmarks/report-page.js';

function proof(scheduledAtMs: number, beganAtMs: number, endedAtMs: number): ProofSpan {
  const batch = { taskId: '', kind: 'batch' as const, firstBatch: 1, lastBatch: 1 };
  return { machine: 'm', slot: 1, ...batch, scheduledAtMs, beganAtMs, endedAtMs };
}

test('the page shows the gaps that are compared with a job queue, beside all gaps', () => {
  // The slot stood still for 77 ms; in the last 33 of them there was something to prove.
  const spans = [proof(0, 10, 100), proof(144, 177, 300)];
  const cpu = { servers: null, aggregator: null, provers: null };
  const result = { startedAtMs: 0, wallMs: 300, spans, cpu, historyBytes: 0, databaseBytes: 0 };
  const bound = { tasks: 2, totalMs: 213, boundMs: 213 };
  const ours = figuresOf('ours', result, bound, 1);
  const measurement = measurementOf('stress', bound, 1, ours);
  const page = reportPage([{ measurement, ways: [ours], goals: [], notes: [], failures: [] }]);
  expect(page).toMatch(/<th>with work in the queue p50<\/th><th>with work in the queue p99<\/th>/);
  expect(page).toContain('>77.0 ms</td><td class="n">77.0 ms</td><td class="n">33.0 ms</td><td class="n">33.0 ms</td>');
});
