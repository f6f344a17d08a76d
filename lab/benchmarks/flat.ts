import type { BenchContext } from './bench-context.js';
import { boundOf, equalSequences, type BenchWork } from './bench-work.js';
import { compareWithJobQueue, figuresOf, measurementOf, ms, type BenchOutcome } from './measurement.js';
import { runOnJobQueue } from './on-job-queue.js';
import { runOnTemporal } from './on-temporal.js';
import { describeStages } from './time-stages.js';
import type { WayOptions } from './way.js';

const TASKS = 566;
const PROOF_SECONDS = 0.5;
const INPUT_BYTES = 25_000;
const SEQUENCE_LENGTH = 20;

/** Many short proofs that wait for nothing but a machine, all in the queue at once. */
export async function flat({ servers, options, report }: BenchContext): Promise<BenchOutcome[]> {
  const { machines } = options;
  const work: BenchWork = {
    sequences: equalSequences(Math.max(machines, Math.round(TASKS * options.scale)), SEQUENCE_LENGTH),
    times: { secondsByKind: { batch: PROOF_SECONDS }, seed: options.seed },
    inputBytes: INPUT_BYTES,
    folds: false,
  };
  const bound = boundOf(work, machines);
  const way: WayOptions = { servers, work, bound, machines, slotsPerMachine: 1, report };
  report(`${bound.tasks} proofs of ${PROOF_SECONDS} s on ${machines} machines, at least ${ms(bound.boundMs)}`);
  const ours = figuresOf('zkpow', await runOnTemporal(way), bound, machines);
  const queue = options.others ? figuresOf('graphile-worker', await runOnJobQueue(way), bound, machines) : undefined;
  const extra = ours.wallMs - bound.boundMs;
  return [
    {
      measurement: measurementOf('flat', bound, machines, ours, { graphileWorker: queue }),
      ways: queue ? [ours, queue] : [ours],
      goals: [
        { what: 'flat: wall over its bound', reach: '≤ 300 ms', reached: ms(extra), met: extra <= 300 },
        { what: 'flat: median gap', reach: '≤ 1 ms', reached: ms(ours.gapMsP50), met: (ours.gapMsP50 ?? 0) <= 1 },
        {
          what: 'flat: 99th percentile',
          reach: '≤ 25 ms',
          reached: ms(ours.gapMsP99),
          met: (ours.gapMsP99 ?? 0) <= 25,
        },
      ],
      notes: [describeStages(ours.result)],
      failures: queue ? compareWithJobQueue(ours, queue) : [],
    },
  ];
}
