import type { WorkBound } from './bench-work.js';
import { describeMachine } from './machine.js';
import { dispatchGapsOf, gapsOf, quantileOf, slotsOf, type SlotUse } from './slot-use.js';
import type { WayResult } from './way.js';

/** What `--json` gives of one benchmark. Times in milliseconds; null where a figure makes no sense. */
export interface Measurement {
  name: string;
  /** Proofs made. */
  tasks: number;
  slots: number;
  /** From the first request to the last proof checked and stored. */
  wallMs: number;
  /** What it takes at least, however well it is done. */
  boundMs: number;
  /** Share of all slots' time in which they proved. */
  utilisation: number | null;
  /** How long a slot stood still between two proofs. */
  gapMsP50: number | null;
  gapMsP99: number | null;
  /** CPU time of servers, aggregator and provers for 1000 proofs, in seconds. */
  cpuSecondsPer1000: number | null;
  /** By how much databases grew for one proof: inputs, proofs, rows and workflow histories. */
  bytesPerProof: number | null;
  machine: string;
  /** Wall time of others, in the same run, as a multiple of ours; null where they were not run. */
  ratios: { oldWay: number | null; graphileWorker: number | null };
}

/** One way of doing the work, measured. */
export interface WayFigures {
  name: string;
  wallMs: number;
  utilisation: number;
  gapMsP50: number | null;
  gapMsP99: number | null;
  /** The gaps without the time in which there was nothing to prove yet. */
  dispatchMsP50: number | null;
  dispatchMsP99: number | null;
  /** From the start to the first proof's beginning. */
  firstStartMs: number;
  /** For each sequence, from the end of its last batch proof to the end of its final proof, the shortest first. */
  tailsMs: number[];
  result: WayResult;
  slots: SlotUse[];
}

/** Something the issue asks for, beside what was reached. */
export interface Goal {
  what: string;
  reach: string;
  reached: string;
  /** Null where it was not measured. */
  met: boolean | null;
}

/** A benchmark's outcome: its JSON, and what is shown to people. */
export interface BenchOutcome {
  measurement: Measurement;
  ways: WayFigures[];
  goals: Goal[];
  /** Further figures, a line each. */
  notes: string[];
  /** What must hold on any machine and did not: the run fails. */
  failures: string[];
}

export function figuresOf(name: string, result: WayResult, bound: WorkBound, slotCount: number): WayFigures {
  const slots = slotsOf(result.spans);
  const gaps = gapsOf(slots);
  const dispatches = dispatchGapsOf(slots);
  const begun = result.spans.map(({ beganAtMs }) => beganAtMs);
  return {
    name,
    wallMs: result.wallMs,
    utilisation: bound.totalMs / (slotCount * result.wallMs),
    gapMsP50: quantileOf(gaps, 0.5),
    gapMsP99: quantileOf(gaps, 0.99),
    dispatchMsP50: quantileOf(dispatches, 0.5),
    dispatchMsP99: quantileOf(dispatches, 0.99),
    firstStartMs: begun.reduce((first, ms) => Math.min(first, ms), Infinity) - result.startedAtMs,
    tailsMs: tailsOf(result),
    result,
    slots,
  };
}

export function measurementOf(
  name: string,
  bound: WorkBound,
  slots: number,
  ours: WayFigures,
  others: { oldWay?: WayFigures | undefined; graphileWorker?: WayFigures | undefined } = {},
): Measurement {
  const { servers, aggregator, provers } = ours.result.cpu;
  const cpu = servers === null || aggregator === null || provers === null ? null : servers + aggregator + provers;
  const ratio = (other: WayFigures | undefined) => (other ? other.wallMs / ours.wallMs : null);
  return {
    ...{ name, tasks: bound.tasks, slots, wallMs: ours.wallMs, boundMs: bound.boundMs, utilisation: ours.utilisation },
    ...{ gapMsP50: ours.gapMsP50, gapMsP99: ours.gapMsP99 },
    cpuSecondsPer1000: cpu === null ? null : (cpu / bound.tasks) * 1000,
    bytesPerProof: ours.result.databaseBytes / bound.tasks,
    machine: describeMachine(),
    ratios: { oldWay: ratio(others.oldWay), graphileWorker: ratio(others.graphileWorker) },
  };
}

/**
 * What has to hold whatever the machine: in the same run at least as good as a plain job queue. Gaps count from when
 * there was something to prove: how long folds wait for each other at the end of a run is the work's own.
 */
export function compareWithJobQueue(ours: WayFigures, queue: WayFigures): string[] {
  const failures: string[] = [];
  const check = (holds: boolean, what: string): void => void (holds || failures.push(what));
  const [p50, p99] = [ours.dispatchMsP50 ?? 0, ours.dispatchMsP99 ?? 0];
  const [queueP50, queueP99] = [queue.dispatchMsP50 ?? 0, queue.dispatchMsP99 ?? 0];
  check(ours.wallMs <= queue.wallMs, `wall time ${ms(ours.wallMs)}, graphile-worker ${ms(queue.wallMs)}`);
  check(p50 <= queueP50, `median gap ${ms(p50)}, graphile-worker ${ms(queueP50)}`);
  check(
    p99 <= 2.5 * queueP99,
    `99th percentile of gaps ${ms(p99)}, graphile-worker ${ms(queueP99)} (at most 2.5 times)`,
  );
  return failures;
}

/** Milliseconds for people: fractions only where they count. */
export function ms(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return value >= 10_000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

function tailsOf({ spans }: WayResult): number[] {
  const finals = spans.filter(({ kind }) => kind === 'final');
  return finals
    .map(({ firstBatch, lastBatch, endedAtMs }) => {
      const batchEnds = spans
        .filter((span) => span.kind === 'batch' && span.firstBatch >= firstBatch && span.lastBatch <= lastBatch)
        .map((span) => span.endedAtMs);
      return endedAtMs - batchEnds.reduce((last, end) => Math.max(last, end), 0);
    })
    .sort((a, b) => a - b);
}
