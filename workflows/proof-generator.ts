import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { RollupDescription } from '../domain/chain-activities.js';
import type { PlannedProof } from '../domain/proof-generator-activities.js';
import { batchPlanner, chainReads, proofGenerator } from './activity-proxies.js';
import { firstOf, waitForAttention } from './attention.js';
import { decide } from '../domain/decide.js';
import { proofTree, type ProofTree } from '../domain/proof-tree.js';
import type { AcceptedProof, ProofKind, ProofTask } from '../domain/proof.js';
import type { SequenceView } from '../domain/sequence-view.js';
import { batchCount } from '../domain/sequence.js';
import { isFailure, proveTask } from './prove-task.js';
import { createRamp } from './ramp.js';
import { readView, readViewOrSayWhy, waitForChange } from './read-view.js';
import { reportProgress } from './report-progress.js';
import type { SequenceState } from './sequence-state.js';

/** Machines that may return a bad proof of one task before a person has to look. */
const MAX_REFUSED_PROOFS = 3;

/** Name of the failure of an activity whose inputs are gone from the artifact store. */
const LOST_ARTIFACT = 'ArtifactLostError';

/** Inputs of one proof that may be lost again and again before a person has to look. */
const MAX_LOSSES = 5;

/**
 * Makes the final proof, unless one is stored or the sequence is settled or gone before it is done. The first one is not
 * made while a proofHash of ours is open: what is to be done about that one comes before, and may be the making of another.
 *
 * @param replaces names the committed final proof that a new one stands in for, null for the first
 * @returns whether it was overtaken
 */
export async function generateProofUnlessOvertaken(state: SequenceState, replaces: string | null): Promise<boolean> {
  let view = await readView(state);
  const isOver = () => overtaken(view) || (replaces === null ? ownHashComesFirst(view) : committedProofIsBack(view));
  if (isOver() || (view.finalProofStored && replaces === null)) return isOver();

  await firstOf(
    () => generateProof(state, replaces),
    async () => {
      while (!isOver()) {
        await waitForChange(state, view, null, 'acceptance by another miner, while proving');
        view = (await readViewOrSayWhy(state)) ?? view;
      }
    },
  );
  return isOver();
}

function overtaken(view: SequenceView): boolean {
  return !view.stale && (!view.posted || view.accepted !== 'none');
}

/** After a loss of Temporal's database, or of the proof, a hash may stand that this run of the workflow did not send. */
function ownHashComesFirst(view: SequenceView): boolean {
  return view.own === 'open' && decide(view).action !== 'make-final-proof';
}

/** A person has put back the proof that another was to stand in for: now it can be revealed. */
function committedProofIsBack(view: SequenceView): boolean {
  return view.own === 'open' && decide(view).action === 'reveal';
}

/**
 * The Proof Generator: one batch proof for each batch, all in parallel; two adjacent proofs are folded as soon as both
 * exist; the last one is bound to the miner. Every proof is checked before it counts.
 */
async function generateProof(state: SequenceState, replaces: string | null): Promise<AcceptedProof> {
  const { sequence, miner } = state.progress;
  const { describeRollup } = chainReads(sequence.chainId);
  const rollup = await describeRollup.executeWithOptions({ summary: 'rollup type and its stages' }, [
    { chainId: sequence.chainId, rollup: sequence.rollup },
  ]);
  const planBatches = () =>
    batchPlanner.planBatchProofs.executeWithOptions(
      { summary: `replay batches ${sequence.firstBatch}-${sequence.lastBatch}` },
      [sequence],
    );
  let batches = await planBatches();
  const ramp = createRamp();

  /** Where an input has been lost from the store, planning puts back what is missing: only that is made again. */
  const despiteLosses = async (prove: () => Promise<AcceptedProof>): Promise<AcceptedProof> => {
    for (let losses = 0; losses < MAX_LOSSES; losses++) {
      try {
        return await prove();
      } catch (error) {
        if (!isFailure(error, LOST_ARTIFACT)) throw error;
        batches = await planBatches();
      }
    }
    return prove();
  };
  const proveRange = ({ firstBatch, lastBatch, children }: ProofTree): Promise<AcceptedProof> =>
    despiteLosses(async () => {
      if (!children) {
        const planned = batches[firstBatch - sequence.firstBatch];
        if (!planned) throw new RangeError(`no task was planned for batch ${firstBatch}`);
        const prove = () => proveAndAccept(state, rollup, planned, batchLabel(state, firstBatch));
        return planned.accepted ? prove() : ramp(prove);
      }
      const [left, right] = await Promise.all(children.map(proveRange));
      if (!left || !right) throw new RangeError(`nothing to fold for batches ${firstBatch}-${lastBatch}`);
      const fold = `fold ${rangeLabel(left)} + ${rangeLabel(right)}`;
      const planned = await proofGenerator.planAggregateProof.executeWithOptions({ summary: `plan ${fold}` }, [
        { left, right },
      ]);
      return proveAndAccept(state, rollup, planned, fold);
    });

  return despiteLosses(async () => {
    const child = await proveRange(proofTree(sequence.firstBatch, sequence.lastBatch));
    const final = await proofGenerator.planFinalProof.executeWithOptions({ summary: 'plan final proof' }, [
      { sequence, miner, child, replaces },
    ]);
    return proveAndAccept(state, rollup, final, replaces ? 'final proof, anew' : 'final proof');
  });
}

/** Has one task proved and checked. What fails everywhere waits for a person; other sequences go on. */
export async function proveAndAccept(
  state: SequenceState,
  rollup: RollupDescription,
  { task, accepted }: PlannedProof,
  label: string,
): Promise<AcceptedProof> {
  let proof = accepted;
  while (!proof) {
    const result = await tryToProve(state, rollup, task, label);
    if ('accepted' in result) proof = result.accepted;
    else await waitForAttention(state, `${label}: ${result.reason}; mend the cause, then signal \`goOn\``);
  }
  countProof(state, task.kind);
  return proof;
}

async function tryToProve(
  state: SequenceState,
  rollup: RollupDescription,
  task: ProofTask,
  label: string,
): Promise<{ accepted: AcceptedProof } | { reason: string }> {
  const { sequence } = state.progress;
  let reason = '';
  for (let refused = 0; refused < MAX_REFUSED_PROOFS; refused++) {
    try {
      const { sequencesAhead } = state;
      const rollupAddress = sequence.rollup;
      const proven = await proveTask({ rollup, rollupAddress, task, sequencesAhead, summary: label });
      const verdict = await proofGenerator.acceptProof.executeWithOptions({ summary: `check ${label}` }, [
        { sequence, task, proven },
      ]);
      if (verdict.accepted) return verdict;
      reason = `prover ${verdict.prover} returned a bad proof (${verdict.reason})`;
    } catch (error) {
      if (isCancellation(error) || isFailure(error, LOST_ARTIFACT) || !(error instanceof ActivityFailure)) throw error;
      return { reason: error.cause?.message ?? error.message };
    }
  }
  return { reason };
}

function countProof(state: SequenceState, kind: ProofKind): void {
  const { proofs } = state.progress;
  const { done, needed } = proofs[kind];
  const count = { done: Math.min(done + 1, needed), needed };
  reportProgress(state, { proofs: { ...proofs, [kind]: count }, doing: 'proving' });
}

function batchLabel({ progress: { sequence } }: SequenceState, batch: number): string {
  return `batch proof ${batch - sequence.firstBatch + 1}/${batchCount(sequence)}`;
}

function rangeLabel({ firstBatch, lastBatch }: AcceptedProof): string {
  return firstBatch === lastBatch ? `${firstBatch}` : `${firstBatch}-${lastBatch}`;
}
