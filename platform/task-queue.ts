import type { WorkflowService } from '@temporalio/client';

/** What Temporal knows of a task queue. */
export interface TaskQueueState {
  /**
   * Identities of those that ask it for tasks. A machine whose slots are all busy asks for none, and is forgotten within
   * five minutes: `countProofsInHand` tells of those.
   */
  pollers: string[];
  /** Tasks that wait; approximate. */
  backlog: number;
  /** How long the oldest of them has waited. */
  backlogAgeSeconds: number;
}

/** Numbers of Temporal's API (temporal.api.enums.v1.TaskQueueType). */
const TYPES = { workflow: 1, activity: 2 };

export async function readTaskQueue(
  service: WorkflowService,
  namespace: string,
  name: string,
  type: keyof typeof TYPES = 'activity',
): Promise<TaskQueueState> {
  const { pollers, stats } = await service.describeTaskQueue({
    ...{ namespace, taskQueue: { name }, taskQueueType: TYPES[type], reportStats: true },
  });
  const { seconds, nanos } = stats?.approximateBacklogAge ?? {};
  return {
    pollers: (pollers ?? []).map(({ identity }) => identity ?? ''),
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    backlogAgeSeconds: Number(seconds ?? 0) + (nanos ?? 0) / 1e9,
  };
}
