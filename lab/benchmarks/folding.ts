import type { ProofGeneratorActivities } from '../../domain/proof-generator-activities.js';
import { proofTree, type ProofTree } from '../../domain/proof-tree.js';
import type { AcceptedProof, ProofTask } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { BENCH_MINER } from './bench-rollup.js';
import { runActivity, SILENT } from './without-temporal.js';

/** What can be proved next of one sequence, for those that have no workflow to remember it. */
export interface Folding {
  sequence: SequenceIdentity;
  /** The tasks that an accepted proof makes possible. */
  next(accepted: AcceptedProof): Promise<ProofTask[]>;
}

/** Folds two adjacent proofs as soon as both exist, along the same tree as the product. */
export function createFolding(generator: ProofGeneratorActivities, sequence: SequenceIdentity): Folding {
  const { firstBatch, lastBatch } = sequence;
  const parents = new Map<string, ProofTree>();
  const proofs = new Map<string, AcceptedProof>();
  noteParents(proofTree(firstBatch, lastBatch), parents);
  return {
    sequence,
    async next(accepted) {
      if (accepted.kind === 'final') return [];
      proofs.set(keyOf(accepted), accepted);
      const parent = parents.get(keyOf(accepted));
      if (!parent) {
        const request = { sequence, miner: BENCH_MINER, child: accepted, replaces: null };
        return [(await runActivity(SILENT, () => generator.planFinalProof(request))).task];
      }
      const [left, right] = (parent.children ?? []).map((child) => proofs.get(keyOf(child)));
      if (!left || !right) return [];
      return [(await runActivity(SILENT, () => generator.planAggregateProof({ left, right }))).task];
    },
  };
}

function noteParents(tree: ProofTree, parents: Map<string, ProofTree>): void {
  for (const child of tree.children ?? []) {
    parents.set(keyOf(child), tree);
    noteParents(child, parents);
  }
}

function keyOf({ firstBatch, lastBatch }: { firstBatch: number; lastBatch: number }): string {
  return `${firstBatch}-${lastBatch}`;
}
