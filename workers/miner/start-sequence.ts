import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { AGGREGATOR_QUEUE, sequenceWorkflowId } from '../../domain/names.js';
import { sequenceSearchAttributes } from '../../domain/search-attributes.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { sequenceWorkflow } from '../../workflows/sequence-workflow.js';

/**
 * Starts the workflow of one sequence.
 *
 * @param again also where one has ended well: what it finds on the chain decides what is left to do
 * @returns false if it runs already or, without `again`, has ended well
 */
export async function startSequence(
  client: Client,
  sequence: SequenceIdentity,
  miner: string,
  { again }: { again: boolean },
): Promise<boolean> {
  try {
    await client.workflow.start<typeof sequenceWorkflow>('sequenceWorkflow', {
      workflowId: sequenceWorkflowId(sequence),
      taskQueue: AGGREGATOR_QUEUE,
      args: [{ sequence, miner }],
      workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
      staticSummary: `batches ${sequence.firstBatch}-${sequence.lastBatch}`,
      typedSearchAttributes: sequenceSearchAttributes(sequence, miner),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
