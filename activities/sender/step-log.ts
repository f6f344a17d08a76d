import { sequenceWorkflowId } from '../../domain/names.js';
import type { Transaction } from './transactions.js';

/** What a line of the log says of the step that it is about; the sequence as activities name it, see its workflow's id. */
export interface StepLog {
  step: Transaction['step'];
  sequence: string;
  /** Start block of the round, where the step is about one that is known. */
  round: number | null;
  tryNumber: number;
}

export function aboutStep({ step, sequence, round, tryNumber }: Transaction): StepLog {
  return { step, sequence: sequenceWorkflowId(sequence).replace(/^sequence\//, ''), round, tryNumber };
}
