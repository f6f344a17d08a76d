import { AsyncLocalStorage } from 'node:async_hooks';
import type { Info } from '@temporalio/activity';
import { z } from 'zod';

/** What an activity is about, for every line that is logged while it runs. Absent where it has no such thing. */
export interface ActivityIdentity {
  activity: string;
  attempt: number;
  workflowId?: string;
  /** CHAIN/ROLLUP/FIRST-LAST/HASH, see `sequenceWorkflowId`. */
  sequence?: string;
  /** Start block of the round. */
  round?: number;
  /** Number of the try at a step. */
  tryNumber?: number;
  taskId?: string;
}

const SEQUENCE_WORKFLOW = 'sequence/';

const round = z.number().nullish();
const tryNumber = z.number().optional();
const taskId = z.string().optional();
/** The places in which activities are told of what they are about. */
const request = z
  .looseObject({
    ...{ round, tryNumber, taskId },
    step: z.looseObject({ round, tryNumber }).optional(),
    task: z.looseObject({ taskId }).optional(),
  })
  .transform(({ step, task, ...top }) => ({
    round: top.round ?? step?.round,
    tryNumber: top.tryNumber ?? step?.tryNumber,
    taskId: top.taskId ?? task?.taskId,
  }));

/** @param args that the activity was called with */
export function identityOf(
  { activityType, attempt, workflowExecution }: Info,
  args: readonly unknown[],
): ActivityIdentity {
  const workflowId = workflowExecution?.workflowId;
  const about = request.safeParse(args[0]).data;
  return {
    activity: activityType,
    attempt,
    ...(workflowId !== undefined && { workflowId }),
    ...(workflowId?.startsWith(SEQUENCE_WORKFLOW) && { sequence: workflowId.slice(SEQUENCE_WORKFLOW.length) }),
    ...(typeof about?.round === 'number' && { round: about.round }),
    ...(about?.tryNumber !== undefined && { tryNumber: about.tryNumber }),
    ...(about?.taskId !== undefined && { taskId: about.taskId }),
  };
}

const running = new AsyncLocalStorage<ActivityIdentity>();
const byTask = new Map<string, ActivityIdentity>();

/** Runs `work` so that lines logged in its course are known to be about it. */
export async function runAs<T>(identity: ActivityIdentity, work: () => Promise<T>): Promise<T> {
  const { taskId } = identity;
  if (taskId !== undefined) byTask.set(taskId, identity);
  try {
    return await running.run(identity, work);
  } finally {
    if (taskId !== undefined && byTask.get(taskId) === identity) byTask.delete(taskId);
  }
}

/**
 * What a log line is about; undefined outside of any activity. One that names a task is about that task's activity: a
 * slot that becomes free begins the next proof in the course of the last one.
 *
 * @param line the line's own fields
 */
export function identityOfLine(line: object): ActivityIdentity | undefined {
  if (!('taskId' in line)) return running.getStore();
  return typeof line.taskId === 'string' ? byTask.get(line.taskId) : undefined;
}
