import { setTimeout as delay } from 'node:timers/promises';
import { HEARTBEAT_TIMEOUT_MS } from '../../workflows/activity-proxies.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { BenchContext } from './bench-context.js';
import { boundOf, equalSequences, type BenchWork } from './bench-work.js';
import { describeMachine } from './machine.js';
import { ms, type BenchOutcome } from './measurement.js';
import { openTemporalScene, startBatchProofs, type TemporalScene } from './on-temporal.js';
import { startProvers } from './programs.js';
import { quantileOf } from './slot-use.js';
import { waitForProofs } from './way.js';
import { planBatches } from './without-temporal.js';

const MACHINES = 20;
/** A proof that its machine does not live to see. */
const ENDLESS_SECONDS = 3_600;
const INPUT_BYTES = 25_000;
/** The kills are spread over this time, so that they meet machines between all their heartbeats. */
const KILLING_MS = 5_000;
const NOTICED_WITHIN_MS = HEARTBEAT_TIMEOUT_MS + 5_000;
const IN_HAND_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** Twenty machines with a proof in hand are killed; how long until each proof begins on another machine. */
export async function dead({ servers, options, report }: BenchContext): Promise<BenchOutcome[]> {
  const machines = Math.max(2, Math.round(MACHINES * options.scale));
  const work: BenchWork = {
    // A workflow each: whose proof a machine has in hand is then easily told.
    sequences: equalSequences(machines, 1),
    times: { secondsByKind: { batch: ENDLESS_SECONDS } },
    inputBytes: INPUT_BYTES,
    folds: false,
  };
  const bound = { ...boundOf(work, machines), boundMs: NOTICED_WITHIN_MS };
  report(`${machines} machines are killed, each with a proof in hand`);
  const scene = await openTemporalScene({ servers, work, bound, machines, slotsPerMachine: 1, report });
  try {
    const { place } = scene;
    await startBatchProofs(place.client, work, await planBatches(place.pool, work));
    const batches = await batchesInHand(scene, work);
    const spares = await startProvers(servers, place, {
      ...{ prefix: 'spare', machines: 1, slotsPerMachine: machines },
      times: { secondsByKind: { batch: 0.5 } },
    });
    const killedAtMs = await killAll(scene, batches);
    await waitForProofs(place.pool, bound, 0);
    const begun = new Map(spares.proofs(0).map(({ firstBatch, beganAtMs }) => [firstBatch, beganAtMs]));
    await spares.stop();
    const recoveries = [...killedAtMs]
      .map(([batch, killedAt]) => (begun.get(batch) ?? Infinity) - killedAt)
      .sort((a, b) => a - b);
    return [outcomeOf(recoveries)];
  } finally {
    await scene.close();
  }
}

/** Waits until every machine has a proof in hand. @returns the batch that each process proves, by process id */
async function batchesInHand({ place }: TemporalScene, { sequences }: BenchWork): Promise<Map<number, number>> {
  const batches = new Map<number, number>();
  for (const end = Date.now() + IN_HAND_TIMEOUT_MS; batches.size < sequences.length; await delay(POLL_MS)) {
    if (Date.now() > end) throw new Error(`Only ${batches.size} of ${sequences.length} machines took a task`);
    for (const sequence of sequences) {
      const { raw } = await place.client.workflow.getHandle(sequenceWorkflowId(sequence)).describe();
      const started = (raw.pendingActivities ?? []).find(({ lastStartedTime }) => lastStartedTime);
      const pid = Number.parseInt(started?.lastWorkerIdentity ?? '', 10);
      // The SDK's identity of a worker is PID@HOST.
      if (started?.activityType?.name === 'prove' && Number.isInteger(pid)) batches.set(pid, sequence.firstBatch);
    }
  }
  return batches;
}

/** Kills them one after the other. @returns when each batch lost its machine */
async function killAll({ provers }: TemporalScene, batches: ReadonlyMap<number, number>): Promise<Map<number, number>> {
  const killedAtMs = new Map<number, number>();
  for (const { pid } of provers.processes) {
    const batch = batches.get(pid);
    if (batch === undefined) throw new Error(`Process ${pid} had no proof in hand`);
    process.kill(pid, 'SIGKILL');
    killedAtMs.set(batch, Date.now());
    await delay(KILLING_MS / provers.processes.length);
  }
  return killedAtMs;
}

function outcomeOf(recoveries: readonly number[]): BenchOutcome {
  const longest = recoveries.at(-1) ?? Infinity;
  const median = quantileOf(recoveries, 0.5);
  const inTime = recoveries.filter((recovery) => recovery <= NOTICED_WITHIN_MS).length;
  const met = inTime === recoveries.length;
  return {
    measurement: {
      ...{ name: 'dead', tasks: recoveries.length, slots: recoveries.length, wallMs: longest },
      ...{ boundMs: HEARTBEAT_TIMEOUT_MS, utilisation: null, gapMsP50: null, gapMsP99: null },
      ...{ cpuSecondsPer1000: null, bytesPerProof: null, machine: describeMachine() },
      ratios: { oldWay: null, graphileWorker: null },
    },
    ways: [],
    goals: [
      {
        what: "a dead prover's task begins elsewhere",
        reach: `≤ ${NOTICED_WITHIN_MS / 1000} s, all of ${recoveries.length}`,
        reached: `${inTime} of ${recoveries.length}, median ${ms(median)}, longest ${ms(longest)}`,
        met,
      },
    ],
    notes: ['wall: the longest time from a kill to the begin elsewhere'],
    failures: met ? [] : [`${recoveries.length - inTime} tasks of dead machines began too late`],
  };
}
