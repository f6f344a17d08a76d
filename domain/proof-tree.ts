/** A run of batches that one proof covers: a batch itself, or two adjacent runs folded into one. */
export interface ProofTree {
  firstBatch: number;
  lastBatch: number;
  /** The two runs to fold, or null for a single batch. */
  children: [ProofTree, ProofTree] | null;
}

/**
 * The one way in which the batches of a sequence are folded. It depends on the batch numbers alone, so a sequence that
 * is taken up again finds the folds it made before. The left run is the largest power of two that leaves something to
 * the right: both sides can be proved at the same time, and the tree is as flat as it can be.
 */
export function proofTree(firstBatch: number, lastBatch: number): ProofTree {
  const batches = lastBatch - firstBatch + 1;
  if (batches < 1) throw new RangeError(`a proof covers at least one batch, not ${firstBatch} to ${lastBatch}`);
  if (batches === 1) return { firstBatch, lastBatch, children: null };

  let left = 1;
  while (left * 2 < batches) left *= 2;
  const middle = firstBatch + left;
  return { firstBatch, lastBatch, children: [proofTree(firstBatch, middle - 1), proofTree(middle, lastBatch)] };
}
