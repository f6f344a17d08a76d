import type { Client } from '@temporalio/client';
import type { SequenceProgress } from '../../domain/sequence-progress.js';

/** How long a workflow may take to answer. */
const ANSWER_MS = 3_000;

/**
 * How far a sequence's workflow is, as it says itself.
 *
 * @returns null if there is none, or no aggregator answers: its workers answer for the workflows
 */
export async function askProgress(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<SequenceProgress | null> {
  const handle = client.workflow.getHandle(workflowId, runId);
  try {
    return await client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
      handle.query<SequenceProgress>('progress'),
    );
  } catch {
    return null;
  }
}
