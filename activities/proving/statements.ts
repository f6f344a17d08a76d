import type { Statement } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';

/** A task was asked for whose parts do not belong together: a programming error, which no retry mends. */
export class InconsistentTaskError extends Error {
  override readonly name = 'InconsistentTaskError';
}

/** What the fold of two adjacent proofs says. */
export function foldStatements(left: Statement, right: Statement): Statement {
  const adjacent =
    left.chainId === right.chainId &&
    left.rollup === right.rollup &&
    left.lastBatch + 1 === right.firstBatch &&
    left.newStateRoot === right.oldStateRoot &&
    left.newAccInputHash === right.oldAccInputHash;
  if (!adjacent) {
    throw new InconsistentTaskError(`Proofs of ${describe(left)} and of ${describe(right)} are not adjacent`);
  }
  const { lastBatch, newStateRoot, newAccInputHash } = right;
  return { ...left, lastBatch, newStateRoot, newAccInputHash };
}

/** Checks that a proof covers exactly this sequence. */
export function requireWholeSequence(statement: Statement, sequence: SequenceIdentity): void {
  const whole =
    statement.chainId === sequence.chainId &&
    statement.rollup === sequence.rollup &&
    statement.firstBatch === sequence.firstBatch &&
    statement.lastBatch === sequence.lastBatch &&
    statement.newAccInputHash === sequence.accInputHash;
  if (!whole) {
    const { firstBatch, lastBatch, accInputHash } = sequence;
    throw new InconsistentTaskError(
      `A proof of ${describe(statement)} is not one of sequence ${firstBatch}-${lastBatch} (accInputHash ${accInputHash})`,
    );
  }
}

function describe({ firstBatch, lastBatch, chainId, rollup, oldStateRoot, newStateRoot }: Statement): string {
  return `batches ${firstBatch}-${lastBatch} of ${rollup} on chain ${chainId} (state ${oldStateRoot} to ${newStateRoot})`;
}
