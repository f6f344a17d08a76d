import type { AcceptedProof } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import type { FinalProof } from '../storage/final-proofs.js';
import type { PlannedProof } from '../../domain/proof-generator-activities.js';
import type { ProofPlanner } from './proof-planner.js';
import { requireWholeSequence } from './statements.js';
import { taskOf, type TaskDescription } from './task-description.js';

export interface FinalProofRequest {
  sequence: SequenceIdentity;
  miner: string;
  child: AcceptedProof;
  /** Names what the new proof stands in for, the same at every try; null where any fit one will do. */
  replaces: string | null;
}

/**
 * Plans the final proof of a sequence. A fit one that is stored is found, also one that was put back from its file.
 * One that is committed, lost or refused by the chain is never touched: a task of its own makes another beside it.
 */
export async function planFinal(
  planner: ProofPlanner,
  finals: FinalProofStore,
  { sequence, miner, child: accepted, replaces }: FinalProofRequest,
): Promise<PlannedProof> {
  const { backend, rollupType } = await planner.rulesOf(sequence);
  const circuitId = backend.circuitId('final');
  const stored = await finals.list(sequence, miner);
  const child = await planner.childOf(accepted);
  requireWholeSequence(child.statement, sequence);
  const describe = (standsInFor: string | null): TaskDescription => {
    return { kind: 'final', rollupType, circuitId, statement: child.statement, miner, child, replaces: standsInFor };
  };
  const madeFor = (standsInFor: string | null) => taskOf(describe(standsInFor)).taskId;

  if (replaces !== null) {
    const replaced = stored.filter(({ committed, taskId }) => committed && taskId !== madeFor(replaces));
    for (const { proofDigest } of replaced) await finals.markUnfit(proofDigest, `another stands in for ${replaces}`);
  }
  const fit = await finals.newestFit(sequence, miner);
  if (fit) return foundAgain(fit, rollupType);

  // A task that gave a proof already would only find it again: the newest of those makes it another task.
  const [newest] = stored;
  const exhausted = newest && stored.some(({ taskId }) => taskId === madeFor(replaces));
  return planner.record(describe(exhausted ? newest.proofDigest : replaces));
}

function foundAgain({ taskId, statement, proofDigest, seconds }: FinalProof, rollupType: string): PlannedProof {
  const { firstBatch, lastBatch } = statement;
  const what = { taskId, kind: 'final', firstBatch, lastBatch } as const;
  return { task: { ...what, rollupType, inputDigest: taskId }, accepted: { ...what, proofDigest, seconds } };
}
