import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { z } from 'zod';
import {
  mapPendingProofs,
  PROVE,
  type Execution,
  type PendingActivity,
  type PendingProofs,
} from '../../activities/proving/pending-proofs.js';
import type { HardwareClass } from '../../domain/names.js';

/** A proof task that a sequence's workflow waits for, as Temporal has it. JSON-safe. */
export interface PendingTask {
  taskId: string;
  /** What it proves, in the workflow's words: `batch proof 2/5`. */
  label: string;
  rollupType: string;
  /** Of the machines that it is meant for now. */
  hardwareClass: HardwareClass;
  state: 'waiting' | 'running' | 'pausing' | 'paused';
  /** From 1. */
  attempt: number;
  /** 0: no bound. */
  maximumAttempts: number;
  /** When the present attempt began, for one that runs; else when the task was first handed out. ISO 8601. */
  since: string | null;
  /** Who has it in hand, or had it last. */
  worker: string | null;
  /** Last sign of life of a running one. */
  progress: { stage: string; percent?: number } | null;
  lastFailure: string | null;
  workflowId: string;
  runId: string;
  /** Names it within its workflow: what Temporal's own tools ask for. */
  activityId: string;
}

const taskArgument = z.looseObject({ taskId: z.string(), rollupType: z.string() });
const heartbeat = z.looseObject({ stage: z.string(), percent: z.number().optional() });
const proverQueueName = /^prove\/.+\/(cpu|gpu)$/;

/** Numbers of Temporal's API (temporal.api.enums.v1.PendingActivityState). */
const STATES: Record<number, PendingTask['state']> = {
  1: 'waiting',
  2: 'running',
  3: 'running',
  4: 'paused',
  5: 'pausing',
};

/** All proof tasks that running sequences wait for, those of the oldest sequence first. */
export async function readPendingTasks(client: Client): Promise<PendingTask[]> {
  return (await mapPendingProofs(client, (pending) => tasksOf(client, pending))).flat();
}

async function tasksOf(client: Client, { execution, proofs }: PendingProofs): Promise<PendingTask[]> {
  if (proofs.length === 0) return [];
  const scheduled = await scheduledTasks(client, execution);
  return proofs.flatMap((activity) => {
    const task = scheduled.get(activity.activityId ?? '');
    return task ? [{ ...task, ...standing(activity), ...execution, activityId: activity.activityId ?? '' }] : [];
  });
}

type Scheduled = Pick<PendingTask, 'taskId' | 'label' | 'rollupType'>;

/** What the workflow asked to be proved, by the activity's id: the history tells, the server's summary does not. */
async function scheduledTasks(client: Client, { workflowId, runId }: Execution): Promise<Map<string, Scheduled>> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const tasks = new Map<string, Scheduled>();
  for (const { activityTaskScheduledEventAttributes: scheduled, userMetadata } of events ?? []) {
    if (scheduled?.activityType?.name !== PROVE) continue;
    const task = taskArgument.parse(fromPayload(scheduled.input?.payloads?.[0]));
    const label = z.string().safeParse(fromPayload(userMetadata?.summary)).data ?? 'proof';
    tasks.set(scheduled.activityId ?? '', { taskId: task.taskId, label, rollupType: task.rollupType });
  }
  return tasks;
}

function standing(
  activity: PendingActivity,
): Omit<PendingTask, keyof Scheduled | 'workflowId' | 'runId' | 'activityId'> {
  const { attempt, maximumAttempts, lastStartedTime, scheduledTime, lastWorkerIdentity, lastFailure } = activity;
  const state =
    activity.paused && STATES[activity.state ?? 1] === 'waiting'
      ? 'paused'
      : (STATES[activity.state ?? 1] ?? 'waiting');
  const since = state === 'running' || state === 'pausing' ? lastStartedTime : scheduledTime;
  const [, hardwareClass] = proverQueueName.exec(activity.activityOptions?.taskQueue?.name ?? '') ?? [];
  const beat = heartbeat.safeParse(fromPayload(activity.heartbeatDetails?.payloads?.[0])).data;
  return {
    hardwareClass: hardwareClass === 'gpu' ? 'gpu' : 'cpu',
    state,
    attempt: attempt ?? 1,
    maximumAttempts: maximumAttempts ?? 0,
    since: since ? new Date(tsToMs(since)).toISOString() : null,
    worker: lastWorkerIdentity || null,
    progress: state === 'running' && beat ? progressOf(beat) : null,
    lastFailure: lastFailure?.message || null,
  };
}

function progressOf({ stage, percent }: z.infer<typeof heartbeat>): PendingTask['progress'] {
  return percent === undefined ? { stage } : { stage, percent };
}

function fromPayload(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0] | null | undefined): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
