import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.js';
import { goOnCommand } from '../../domain/sequence-progress.js';
import { askProgress } from '../sequence/ask-progress.js';
import type { WaitingSequence } from './task-text.js';

/** The sequences that show an alarm and go on when a person says so. */
export async function readWaitingSequences(client: Client): Promise<WaitingSequence[]> {
  const query = `WorkflowType = "sequenceWorkflow" AND ExecutionStatus = "Running" AND ${SEARCH_ATTRIBUTES.stage.name} = "attention"`;
  const waiting: WaitingSequence[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    const progress = await askProgress(client, workflowId);
    if (!progress) {
      const alarm = 'no aggregator answers: start it to see why';
      waiting.push({ workflowId, alarm, command: goOnCommand(workflowId) });
    } else if (progress.alarm !== null && progress.goOn !== null) {
      // Some alarms are only told: the sequence goes on with what can be done.
      waiting.push({ workflowId, alarm: progress.alarm, command: progress.goOn });
    }
  }
  return waiting;
}
