import type { Client } from '@temporalio/client';
import { mapAtOnce } from '../map-at-once.js';

type Description = Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>;

/** A proof that a workflow waits for, in the server's words. */
export type PendingActivity = NonNullable<Description['pendingActivities']>[number];

export interface Execution {
  workflowId: string;
  runId: string;
}

/** The proofs that one sequence waits for. */
export interface PendingProofs {
  execution: Execution;
  proofs: PendingActivity[];
}

/** Type of the activity that makes proofs. */
export const PROVE = 'prove';
/** Workflows asked about side by side. */
const ASKED_AT_ONCE = 16;
/** Numbers of Temporal's API (temporal.api.enums.v1.PendingActivityState): started, and told to stop or to pause. */
const IN_HAND = [2, 3, 5];

/**
 * Asks about every sequence that runs, several side by side, which proofs it waits for.
 *
 * @returns what `read` makes of each sequence's, the oldest sequence first
 */
export async function mapPendingProofs<T>(
  client: Client,
  read: (pending: PendingProofs) => T | Promise<T>,
): Promise<T[]> {
  const executions: Execution[] = [];
  const query = 'WorkflowType = "sequenceWorkflow" AND ExecutionStatus = "Running"';
  for await (const { workflowId, runId } of client.workflow.list({ query })) executions.push({ workflowId, runId });
  executions.reverse();

  return mapAtOnce(ASKED_AT_ONCE, executions, async (execution) => read(await proofsOf(client, execution)));
}

/** How many proofs of each queue machines have in hand now. */
export async function countProofsInHand(client: Client): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const proofs = await mapPendingProofs(client, (pending) => pending.proofs);
  for (const { state, activityOptions } of proofs.flat()) {
    const queue = activityOptions?.taskQueue?.name;
    if (queue && IN_HAND.includes(state ?? 0)) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  }
  return counts;
}

async function proofsOf(client: Client, execution: Execution): Promise<PendingProofs> {
  const { namespace } = client.options;
  const { pendingActivities } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  return { execution, proofs: (pendingActivities ?? []).filter(({ activityType }) => activityType?.name === PROVE) };
}
