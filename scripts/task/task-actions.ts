import type { Client } from '@temporalio/client';
import { countProofsInHand } from '../../activities/proving/pending-proofs.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import { proverQueue, type HardwareClass } from '../../domain/names.js';
import { readPendingTasks, type PendingTask } from './pending-tasks.js';

/** Shorter beginnings of a task's id are too easily mistyped. */
const SHORTEST_NAME = 4;

/**
 * The task that a person means by the first letters of its id.
 *
 * @throws Error saying what there is instead
 */
export async function findTask(client: Client, name: string): Promise<PendingTask> {
  if (!/^[0-9a-z]+$/.test(name) || name.length < SHORTEST_NAME) {
    throw new Error(`"${name}" names no task: give at least ${SHORTEST_NAME} letters of the id that the list shows`);
  }
  const found = (await readPendingTasks(client)).filter(({ taskId }) => taskId.startsWith(name));
  const [task, ...more] = found;
  if (!task) {
    throw new Error(
      `No task that begins with "${name}" waits or runs: it is done, or failed everywhere and its sequence waits for a ` +
        'person. "npm run task -- list" shows both',
    );
  }
  if (more.length > 0) {
    throw new Error(`${found.length} tasks begin with "${name}": ${found.map(({ taskId }) => taskId).join(', ')}`);
  }
  return task;
}

/** Nobody begins the task until it is resumed; a machine that has it in hand is told to stop by its next heartbeat. */
export async function pauseTask(client: Client, task: PendingTask, reason: string): Promise<void> {
  await client.workflowService.pauseActivity({ ...requestAbout(client, task), reason });
}

/** Lets a paused task be begun again, with all its attempts. */
export async function resumeTask(client: Client, task: PendingTask): Promise<void> {
  await client.workflowService.unpauseActivity({ ...requestAbout(client, task), resetAttempts: true });
}

/**
 * Begins the task again, with all its attempts: at once, not after its back-off. A running attempt is ended.
 *
 * @param fromCheckpoint whether the next machine goes on where the last one was, if the prover can; by default it begins
 *   at the beginning
 */
export async function retryTask(client: Client, task: PendingTask, fromCheckpoint = false): Promise<void> {
  await client.workflowService.resetActivity({ ...requestAbout(client, task), resetHeartbeat: !fromCheckpoint });
}

/**
 * Hands the task to machines of another class, and takes it from the one that has it in hand.
 *
 * @throws Error if no such machine asks for tasks or is busy with one; nothing is changed then
 */
export async function skipToClass(client: Client, task: PendingTask, hardwareClass: HardwareClass): Promise<void> {
  const queue = proverQueue(task.rollupType, hardwareClass);
  if (task.hardwareClass === hardwareClass) throw new Error(`The task is meant for ${hardwareClass} machines already`);
  const { pollers } = await readTaskQueue(client.workflowService, client.options.namespace, queue);
  // Machines whose slots are all busy do not ask, and are forgotten.
  const isWorkedOn = pollers.length > 0 || (await countProofsInHand(client)).has(queue);
  if (!isWorkedOn) {
    throw new Error(
      `No ${hardwareClass} machine takes tasks of ${task.rollupType} (queue ${queue}), so the task stays where it is: ` +
        `start one by "npm run worker -- prover --class ${hardwareClass}"`,
    );
  }
  await client.workflowService.updateActivityOptions({
    ...requestAbout(client, task),
    activityOptions: { taskQueue: { name: queue } },
    updateMask: { paths: ['task_queue.name'] },
  });
  if (task.state !== 'paused') await retryTask(client, task, true);
}

function requestAbout(client: Client, { workflowId, runId, activityId }: PendingTask) {
  const { namespace, identity } = client.options;
  return { namespace, identity, execution: { workflowId, runId }, id: activityId };
}
