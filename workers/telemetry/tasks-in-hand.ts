import type { Client } from '@temporalio/client';

/** Type of the activity that makes proofs. */
const PROVE = 'prove';
/** Numbers of Temporal's API (temporal.api.enums.v1.PendingActivityState): started, and told to stop or to pause. */
const IN_HAND = [2, 3, 5];

/**
 * How many proofs of each queue machines have in hand now. A machine whose slots are all busy asks for no task, and
 * Temporal forgets who asked within five minutes: this tells a busy machine from none. Asks about every sequence that
 * runs.
 */
export async function tasksInHand(client: Client): Promise<Map<string, number>> {
  const { namespace } = client.options;
  const counts = new Map<string, number>();
  const query = 'WorkflowType = "sequenceWorkflow" AND ExecutionStatus = "Running"';
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const execution = { workflowId, runId };
    const { pendingActivities } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
    for (const { activityType, state, activityOptions } of pendingActivities ?? []) {
      const queue = activityOptions?.taskQueue?.name;
      if (activityType?.name !== PROVE || !queue || !IN_HAND.includes(state ?? 0)) continue;
      counts.set(queue, (counts.get(queue) ?? 0) + 1);
    }
  }
  return counts;
}
