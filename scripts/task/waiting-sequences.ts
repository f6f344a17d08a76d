import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/domain/search-attributes.js';
import { goOnCommand } from '../../workflows/domain/sequence-progress.js';
import { askProgress } from '../sequence/ask-progress.js';
import type { WaitingSequence } from './task-text.js';

/** The sequences that show an alarm and go on when a person says so. */
export async function readWaitingSequences(client: Client): Promise<WaitingSequence[]> {
  const query = `WorkflowType = "sequenceWorkflow" AND ExecutionStatus = "Running" AND ${SEARCH_ATTRIBUTES.stage.name} = "attention"`;
  const waiting: WaitingSequence[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    const progress = await askProgress(client, workflowId);
    const alarm = progress ? progress.alarm : 'no aggregator answers: start it to see why';
    const command = progress?.goOn ?? goOnCommand(workflowId);
    if (alarm !== null) waiting.push({ workflowId, alarm, command });
  }
  return waiting;
}
