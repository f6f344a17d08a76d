import { defaultPayloadConverter, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { z } from 'zod';
import { sequenceWorkflowId } from '../../../domain/names.js';
import type { SequenceIdentity } from '../../../domain/sequence.js';

/** One try of a machine at a task, as the Temporal server knows it. */
export interface ProveAttempt {
  taskId: string;
  workflowId: string;
  /** Together with the attempt's number this names the try. */
  activityId: string;
  attempt: number;
  /** Identity of the worker. */
  worker: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Whether it is under way, as far as the server knows. */
  running: boolean;
}

const PROVE = 'prove';
/** `PENDING_ACTIVITY_STATE_STARTED`, and the same with a cancellation asked for. */
const UNDER_WAY = [2, 3];

const time = z
  .object({ seconds: z.unknown().transform(Number), nanos: z.number().nullish() })
  .transform(({ seconds, nanos }) => seconds * 1_000 + (nanos ?? 0) / 1e6);
const taskInput = z.object({ taskId: z.string() });
const scheduledEvent = z.object({
  eventId: z.unknown().transform(String),
  activityTaskScheduledEventAttributes: z.object({
    activityId: z.string(),
    activityType: z.object({ name: z.literal(PROVE) }),
    input: z.object({ payloads: z.array(z.unknown()).min(1) }),
  }),
});
const startedEvent = z.object({
  eventTime: time,
  activityTaskStartedEventAttributes: z.object({
    scheduledEventId: z.unknown().transform(String),
    identity: z.string(),
    attempt: z.number(),
  }),
});
const pendingActivity = z.object({
  activityId: z.string(),
  activityType: z.object({ name: z.literal(PROVE) }),
  state: z.number(),
  attempt: z.number(),
  lastStartedTime: time,
  lastWorkerIdentity: z.string(),
});

/**
 * The tries that the server tells of: of each activity that is over the last one, of each that is not the one under way.
 * Tries before those are forgotten by the server.
 */
export async function readProveAttempts(
  client: Client,
  sequences: readonly SequenceIdentity[],
): Promise<ProveAttempt[]> {
  const found = await Promise.all(sequences.map((sequence) => attemptsOf(client, sequenceWorkflowId(sequence))));
  return found.flat();
}

async function attemptsOf(client: Client, workflowId: string): Promise<ProveAttempt[]> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const [{ raw }, history] = [await handle.describe(), await handle.fetchHistory()];
    const events = history.events ?? [];
    const tasks = new Map<string, { activityId: string; taskId: string }>();
    for (const event of events) {
      const scheduled = scheduledEvent.safeParse(event);
      const payload = event.activityTaskScheduledEventAttributes?.input?.payloads?.[0];
      if (!scheduled.success || !payload) continue;
      const { taskId } = taskInput.parse(defaultPayloadConverter.fromPayload(payload));
      const { activityId } = scheduled.data.activityTaskScheduledEventAttributes;
      tasks.set(scheduled.data.eventId, { activityId, taskId });
    }
    const over = events.flatMap((event): ProveAttempt[] => {
      const { data } = startedEvent.safeParse(event);
      const task = data && tasks.get(data.activityTaskStartedEventAttributes.scheduledEventId);
      if (!data || !task) return [];
      const { attempt, identity: worker } = data.activityTaskStartedEventAttributes;
      return [{ ...task, workflowId, attempt, worker, startedAt: data.eventTime, running: false }];
    });
    const pending = (raw.pendingActivities ?? []).flatMap((activity): ProveAttempt[] => {
      const { data } = pendingActivity.safeParse(activity);
      const task = data && [...tasks.values()].find(({ activityId }) => activityId === data.activityId);
      if (!data || !task || !UNDER_WAY.includes(data.state)) return [];
      const { attempt, lastWorkerIdentity: worker, lastStartedTime: startedAt } = data;
      return [{ ...task, workflowId, attempt, worker, startedAt, running: true }];
    });
    return [...over, ...pending];
  } catch (error) {
    // Its posting has only just been seen.
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}
