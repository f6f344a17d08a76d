import { continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { showRefusal, showTrouble } from './attention.js';
import type { SequenceOutcome } from '../domain/decide.js';
import type { SequenceIdentity } from '../domain/sequence.js';
import { goOnSignal, progressQuery, stepHeldUpSignal } from './messages.js';
import { generateProofUnlessOvertaken } from './proof-generator.js';
import { manageProof } from './proof-manager.js';
import { reportProgress } from './report-progress.js';
import { startState, type SequenceState } from './sequence-state.js';

export interface SequenceWorkflowInput {
  sequence: SequenceIdentity;
  miner: string;
  /** Set when the workflow continues as new: what it would otherwise forget. */
  resumed?: SequenceState;
}

/**
 * One sequence, from its posting to its settlement. The Proof Generator makes the final proof: batch proofs in
 * parallel, folded as they come, bound to the miner. The Proof Manager then brings it to the chain in two steps,
 * and again after a lapsed round, until the sequence is settled.
 */
export async function sequenceWorkflow({ sequence, miner, resumed }: SequenceWorkflowInput): Promise<SequenceOutcome> {
  const state = resumed ?? startState(sequence, miner);
  setHandler(progressQuery, () => state.progress);
  setHandler(goOnSignal, () => void (state.goOns += 1));
  setHandler(stepHeldUpSignal, (reason) => showTrouble(state, reason));
  reportProgress(state, {});

  await showRefusal(state, () => generateProofUnlessOvertaken(state, null));
  const outcome = await manageProof(state, () => workflowInfo().continueAsNewSuggested);
  if (!outcome) return await continueAsNew<typeof sequenceWorkflow>({ sequence, miner, resumed: state });

  reportProgress(state, { stage: 'done', doing: 'settled', alarm: null, outcome });
  return outcome;
}
