import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { SequenceOutcome } from '../../domain/decide.js';

/** Stands in for the workflow of a sequence: ends as it is told, or never. */
export async function sequenceWorkflow(end: SequenceOutcome | 'failure' | 'never'): Promise<string> {
  if (end === 'failure') throw ApplicationFailure.nonRetryable('the circuits are gone');
  if (end === 'never') await condition(() => false);
  return end;
}
