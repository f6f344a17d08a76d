import type { RollupDescription } from '../../../domain/chain-activities.js';
import type { PlannedProof } from '../../../domain/proof-generator-activities.js';
import type { SequenceIdentity } from '../../../domain/sequence.js';
import { proveAndAccept } from '../../../workflows/proof-generator.js';
import { startState } from '../../../workflows/sequence-state.js';

/**
 * The batch proofs of a sequence as the Proof Generator has them made and checked, and nothing else: no planning, no
 * folds, no final proof. All tasks are in the queue at once, as a plain job queue would have them.
 */
export async function batchProofsWorkflow(input: {
  sequence: SequenceIdentity;
  miner: string;
  rollup: RollupDescription;
  planned: PlannedProof[];
}): Promise<void> {
  const { sequence, miner, rollup, planned } = input;
  const state = startState(sequence, miner);
  await Promise.all(planned.map((one) => proveAndAccept(state, rollup, one, `batch proof ${one.task.firstBatch}`)));
}
