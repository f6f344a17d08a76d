import type { BenchContext } from './bench-context.js';
import { boundOf, equalSequences, type BenchWork } from './bench-work.js';
import { figuresOf, measurementOf, type BenchOutcome } from './measurement.js';
import { runOnJobQueue } from './on-job-queue.js';
import { runOnTemporal } from './on-temporal.js';
import { openSlowNetwork } from './toxiproxy.js';
import { describeStages } from './time-stages.js';
import type { WayOptions } from './way.js';

const TASKS = 200;
const PROOF_SECONDS = 2;
const INPUT_BYTES = 2_000_000;
const ROUND_TRIP_MS = 80;
const SEQUENCE_LENGTH = 20;

/** Machines far from the servers, with large inputs: whoever only then asks for work when the last is done pays for it. */
export async function wan({ servers, options, report }: BenchContext): Promise<BenchOutcome[]> {
  const { machines } = options;
  const work: BenchWork = {
    sequences: equalSequences(Math.max(machines, Math.round(TASKS * options.scale)), SEQUENCE_LENGTH),
    times: { secondsByKind: { batch: PROOF_SECONDS }, seed: options.seed },
    inputBytes: INPUT_BYTES,
    folds: false,
  };
  const bound = boundOf(work, machines);
  const reach = await openSlowNetwork(servers, ROUND_TRIP_MS, report);
  const way: WayOptions = { servers, work, bound, machines, slotsPerMachine: 1, reach, report };
  try {
    report(`${bound.tasks} proofs of ${PROOF_SECONDS} s, ${ROUND_TRIP_MS} ms to the servers and back`);
    const ours = figuresOf('zkpow', await runOnTemporal(way), bound, machines);
    const queue = options.others ? figuresOf('graphile-worker', await runOnJobQueue(way), bound, machines) : undefined;
    const { utilisation } = ours;
    const reached = utilisation.toFixed(4);
    return [
      {
        measurement: measurementOf('wan', bound, machines, ours, { graphileWorker: queue }),
        ways: queue ? [ours, queue] : [ours],
        goals: [{ what: 'wan: utilisation', reach: '≥ 0.97', reached, met: utilisation >= 0.97 }],
        notes: [describeStages(ours.result)],
        failures: [],
      },
    ];
  } finally {
    await reach.close();
  }
}
