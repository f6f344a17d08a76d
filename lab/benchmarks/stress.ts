import type { BenchContext } from './bench-context.js';
import { boundOf, drawSequences, type BenchWork } from './bench-work.js';
import { idealSchedule } from './ideal-schedule.js';
import {
  compareWithJobQueue,
  figuresOf,
  measurementOf,
  ms,
  type BenchOutcome,
  type WayFigures,
} from './measurement.js';
import { runOnJobQueue } from './on-job-queue.js';
import { OLD_WAY_POLL_MS, runOldWay } from './on-old-way.js';
import { runOnTemporal } from './on-temporal.js';
import { describeWay } from './report-text.js';
import { gapsOf, quantileOf, slotsOf } from './slot-use.js';
import type { WayOptions, WayResult } from './way.js';

/** The source's own stress test: 566 batch proofs on ten machines in 7 h 38 min 40 s, so 486 s of machine time each. */
const BATCHES = 566;
const BATCH_SECONDS = 486.2;
/** The source tells no times of folds and final proofs; in provers of its family they are short against a batch. */
const AGGREGATE_SECONDS = 48.6;
const FINAL_SECONDS = 121.5;
const SPREAD = 0.2;
/** As the default rollup type's. */
const INPUT_BYTES = 25_000;
const LONGEST_SEQUENCE = 20;

/** The source's stress test in scale: by the product, by a plain job queue and in the old way. */
export async function stress({ servers, options, report }: BenchContext): Promise<BenchOutcome[]> {
  const { factor, scale, seed, others, machines } = options;
  const work: BenchWork = {
    sequences: drawSequences(Math.max(1, Math.round(BATCHES * scale)), LONGEST_SEQUENCE, seed),
    times: {
      secondsByKind: {
        batch: BATCH_SECONDS / factor,
        aggregate: AGGREGATE_SECONDS / factor,
        final: FINAL_SECONDS / factor,
      },
      spread: SPREAD,
      seed,
    },
    inputBytes: INPUT_BYTES,
    folds: true,
  };
  const bound = boundOf(work, machines);
  const way: WayOptions = { servers, work, bound, machines, slotsPerMachine: 1, report };
  report(`${bound.tasks} proofs of ${work.sequences.length} sequences, at least ${ms(bound.boundMs)} each way`);
  const measured = (name: string, result: WayResult): WayFigures => {
    const figures = figuresOf(name, result, bound, machines);
    report(describeWay(figures));
    return figures;
  };
  const ours = measured('zkpow', await runOnTemporal(way));
  const queue = others ? measured('graphile-worker', await runOnJobQueue(way)) : undefined;
  const old = others ? measured('old way', await runOldWay(way, OLD_WAY_POLL_MS / factor)) : undefined;
  const share = bound.boundMs / ours.wallMs;
  const slower = old ? old.wallMs / ours.wallMs : null;
  return [
    {
      measurement: measurementOf(`stress, factor ${factor}`, bound, machines, ours, {
        oldWay: old,
        graphileWorker: queue,
      }),
      ways: [ours, queue, old].filter((figures) => figures !== undefined),
      goals: [
        { what: 'stress test: bound / wall', reach: '≥ 0.99', reached: share.toFixed(3), met: share >= 0.99 },
        {
          what: 'the old way against ours',
          reach: '≥ 1.5 × slower',
          reached: slower === null ? 'not run' : `${slower.toFixed(2)} ×`,
          met: slower === null ? null : slower >= 1.5,
        },
      ],
      notes: [idealNote(ours, work, machines), ...tailNotes(ours), ...bytesNotes(ours, bound.tasks)],
      failures: queue ? compareWithJobQueue(ours, queue) : [],
    },
  ];
}

/** The bound knows nothing of the end, where folds wait for the last batches: how much of the distance is that. */
function idealNote({ wallMs }: WayFigures, work: BenchWork, machines: number): string {
  const ideal = idealSchedule(work, machines);
  const gapMs = quantileOf(gapsOf(slotsOf(ideal.spans)), 0.99);
  return (
    `in this order and without any overhead it would take ${ms(ideal.wallMs)} (gaps p99 ${ms(gapMs)}): ` +
    `ours reached ${(ideal.wallMs / wallMs).toFixed(4)} of that`
  );
}

function tailNotes({ tailsMs }: WayFigures): string[] {
  return [
    'from the last batch proof of a sequence to its final proof: ' +
      `median ${ms(quantileOf(tailsMs, 0.5))}, longest ${ms(tailsMs.at(-1) ?? null)}`,
  ];
}

function bytesNotes({ result }: WayFigures, tasks: number): string[] {
  const { historyBytes, databaseBytes, cpu } = result;
  const { servers, aggregator, provers } = cpu;
  const per1000 = (seconds: number | null) => (seconds === null ? '–' : `${((seconds / tasks) * 1000).toFixed(1)} s`);
  return [
    `a proof leaves ${Math.round(historyBytes / tasks)} bytes of history, databases grow by ${Math.round(databaseBytes / tasks)}`,
    `CPU time of 1000 proofs: servers ${per1000(servers)}, aggregator ${per1000(aggregator)}, provers ${per1000(provers)}`,
  ];
}
