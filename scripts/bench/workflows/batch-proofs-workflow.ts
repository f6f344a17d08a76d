import type { PlannedProof } from '../../../activities/proving/proof-generator-activities.js';
import { chainReads } from '../../../workflows/activity-proxies.js';
import type { SequenceIdentity } from '../../../workflows/domain/sequence.js';
import { proveAndAccept } from '../../../workflows/proof-generator.js';
import { startState } from '../../../workflows/sequence-state.js';

/**
 * The batch proofs of a sequence as the Proof Generator has them made and checked, and nothing else: no planning, no
 * folds, no final proof. All tasks are in the queue at once, as a plain job queue would have them.
 */
export async function batchProofsWorkflow(input: {
  sequence: SequenceIdentity;
  miner: string;
  planned: PlannedProof[];
}): Promise<void> {
  const { sequence, miner, planned } = input;
  const state = startState(sequence, miner);
  const { describeRollup } = chainReads(sequence.chainId);
  const rollup = await describeRollup({ chainId: sequence.chainId, rollup: sequence.rollup });
  await Promise.all(planned.map((one) => proveAndAccept(state, rollup, one, `batch proof ${one.task.firstBatch}`)));
}
