import { ActivityFailure, ApplicationFailure, TimeoutFailure, patched, proxyActivities } from '@temporalio/workflow';
import type { RollupDescription } from '../domain/chain-activities.js';
import type { ProvenTask, ProverActivities } from '../domain/proof-generator-activities.js';
import type { StageManifest } from '../domain/stage-manifest.js';
import { HEARTBEAT_TIMEOUT_MS, machines } from './activity-proxies.js';
import { proverQueue, type HardwareClass } from '../domain/names.js';
import type { ProofTask } from '../domain/proof.js';
import { taskPriority } from '../domain/task-priority.js';

/** Name of the failure of a task for which a machine had no time; no try is used up. */
const HANDED_BACK = 'HandedBackError';

/** Machines that may hand one task back before that counts as a failure. */
const MAX_HAND_BACKS = 50;

/** A task that spilled over and is not begun by then goes back to the machines that it is meant for. */
const RETURN_AFTER_MS = 600_000;

/** Sequences that began before machines were looked for go on without. */
const LOOKS_FOR_MACHINES = 'looks-for-machines';

/** Each time that a task comes by again it waits twice as long, up to this: its history must not grow for ever. */
const LONGEST_WAIT_MS = 3_600_000;

export interface TaskRequest {
  rollup: RollupDescription;
  /** Rollups share the machines: their address tells them apart. */
  rollupAddress: string;
  task: ProofTask;
  /** Unverified sequences of the rollup before the task's own. */
  sequencesAhead: number;
  /** What is proved, for people. */
  summary: string;
}

/**
 * Has one task proved by a machine: one of the class that the task's stage wants, or of the one that it may spill over
 * to, if there are such. The server tries again what failed; a machine that has no time for a task, and a change of class, use up no try.
 *
 * @throws ActivityFailure if it fails everywhere
 */
export async function proveTask(request: TaskRequest): Promise<ProvenTask> {
  const stage = request.rollup.stages[request.task.kind];
  let place = firstPlace(stage);
  let checkpoint: unknown;
  for (let handBacks = 0; ;) {
    try {
      const { task, summary } = request;
      const prove = proverAt(request, stage, place).prove.executeWithOptions;
      return await prove({ summary }, checkpoint === undefined ? [task] : [task, checkpoint]);
    } catch (error) {
      if (isFailure(error, HANDED_BACK) && handBacks < MAX_HAND_BACKS) {
        handBacks += 1;
        checkpoint = detailsOf(error) ?? checkpoint;
        continue;
      }
      const next = nextPlace(stage, place, error);
      if (!next) throw error;
      place = (await isDeserted(request, stage, next)) ? placeBefore(stage, next) : next;
    }
  }
}

/** Where a task waits for a machine. */
interface Place {
  hardwareClass: HardwareClass;
  /** How long, before it goes to another; null: until a machine begins it. */
  waitMs: number | null;
  /** Failures that send it on to another class at once. */
  tooMuch: readonly string[];
  /** How often it was here before. */
  visits: number;
}

function firstPlace({ hardwareClass, spillOver }: StageManifest): Place {
  return {
    hardwareClass,
    waitMs: spillOver?.afterMs ?? null,
    tooMuch: spillOver?.afterFailures ?? [],
    visits: 0,
  };
}

/** Where a task goes after a failure; null where it is to be tried no more. */
function nextPlace(stage: StageManifest, place: Place, error: unknown): Place | null {
  const { spillOver } = stage;
  const isTooMuch = place.tooMuch.some((name) => isFailure(error, name));
  if (!spillOver || !(isTooMuch || isUnclaimed(error))) return null;
  if (place.hardwareClass === stage.hardwareClass) {
    const waitMs = longer(RETURN_AFTER_MS, place.visits);
    return { ...place, hardwareClass: spillOver.hardwareClass, waitMs, tooMuch: [] };
  }
  return placeBefore(stage, place);
}

/** Nobody there. What was too much for the machines that it is meant for is tried by them all the same, and may fail. */
function placeBefore({ hardwareClass, spillOver }: StageManifest, place: Place): Place {
  const visits = place.visits + 1;
  const afterMs = spillOver?.afterMs ?? null;
  return { hardwareClass, waitMs: afterMs === null ? null : longer(afterMs, visits), tooMuch: [], visits };
}

/** Whether a task would only wait at the place that it spills over to, since no machine of that class is there. */
async function isDeserted({ rollup }: TaskRequest, stage: StageManifest, { hardwareClass }: Place): Promise<boolean> {
  if (hardwareClass === stage.hardwareClass || !patched(LOOKS_FOR_MACHINES)) return false;
  const queue = proverQueue(rollup.rollupType, hardwareClass);
  return !(await machines.hasMachines.executeWithOptions({ summary: `machines of class ${hardwareClass}?` }, [queue]));
}

function longer(waitMs: number, visits: number): number {
  return Math.min(LONGEST_WAIT_MS, waitMs * 2 ** visits);
}

function proverAt({ rollup, rollupAddress, task, sequencesAhead }: TaskRequest, stage: StageManifest, place: Place) {
  return proxyActivities<ProverActivities>({
    taskQueue: proverQueue(rollup.rollupType, place.hardwareClass),
    ...(place.waitMs !== null && { scheduleToStartTimeout: place.waitMs }),
    startToCloseTimeout: stage.timeoutMs,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    priority: {
      ...{ priorityKey: taskPriority(task.kind, sequencesAhead), fairnessKey: rollupAddress },
      ...(rollup.weight !== undefined && { fairnessWeight: rollup.weight }),
    },
    retry: {
      ...{ initialInterval: 200, backoffCoefficient: 2, maximumInterval: 10_000, maximumAttempts: stage.attempts },
      nonRetryableErrorTypes: [...place.tooMuch],
    },
  });
}

/** Whether an activity failed with an error of this name. */
export function isFailure(error: unknown, name: string): boolean {
  return causeOf(error)?.type === name;
}

/** What the failed machine wanted the next one to know. */
function detailsOf(error: unknown): unknown {
  return causeOf(error)?.details?.[0];
}

function causeOf(error: unknown): ApplicationFailure | null {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;
}

/** Whether no machine began the task in time. */
function isUnclaimed(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof TimeoutFailure)) return false;
  return error.cause.timeoutType === 'SCHEDULE_TO_START';
}
