import { z } from 'zod';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { BlockRef, StepInFlight } from '../../domain/sequence-view.js';
import type { Queryable } from './ports.js';

/** What the sender's rows say of a sequence; all that a reader of the chain needs of them. */
export interface StepRows {
  /**
   * The step of ours that was signed (so perhaps broadcast) and is not mined in the reader's chain; null if there is
   * none. Of several the one that matters most: reveal, commit, take-back, settle; then the newest.
   *
   * @param miner the wallet's address
   * @param isInChain whether a block at which a row says it was mined is part of the chain that the reader looks at
   */
  inFlight(
    sequence: SequenceIdentity,
    miner: string,
    isInChain: (block: BlockRef) => Promise<boolean>,
  ): Promise<StepInFlight | null>;
  /**
   * Number for the next new commit, reveal or take-back: one more than the last that was signed or withdrawn, 1 at
   * first. (A settle takes its round for its number.)
   */
  nextTry(sequence: SequenceIdentity, miner: string): Promise<number>;
}

const unsettledRow = z.object({
  step: z.enum(['commit', 'reveal', 'settle', 'take-back']),
  try_number: z.number().int(),
  round: z.coerce.number().nullable(),
  mined_block_number: z.coerce.number().nullable(),
  mined_block_hash: z.templateLiteral(['0x', z.string()]).nullable(),
});

const ofSequence = `chain_id = $1 AND wallet = $2 AND rollup = $3 AND first_batch = $4 AND last_batch = $5
  AND acc_input_hash = $6`;

/** Reads the rows that the sender of the same database writes. */
export function createStepRows(database: Queryable): StepRows {
  return {
    async inFlight(sequence, miner, isInChain) {
      const { rows } = await database.query(
        `SELECT step, try_number, round, mined_block_number, mined_block_hash FROM transactions
          WHERE ${ofSequence} AND state IN ('pending', 'mined')
          ORDER BY array_position(ARRAY['reveal', 'commit', 'take-back', 'settle'], step), transaction_id DESC`,
        sequenceKey(sequence, miner),
      );
      for (const row of z.array(unsettledRow).parse(rows)) {
        const { step, try_number: tryNumber, mined_block_number: number, mined_block_hash: hash } = row;
        if (number !== null && hash !== null && (await isInChain({ number, hash }))) continue;
        return { step, tryNumber, round: step === 'commit' ? null : row.round };
      }
      return null;
    },
    async nextTry(sequence, miner) {
      const { rows } = await database.query(
        `SELECT coalesce(max(try_number), 0) + 1 AS next FROM transactions
          WHERE ${ofSequence} AND step <> 'settle' AND state <> 'prepared'`,
        sequenceKey(sequence, miner),
      );
      return z.object({ next: z.number().int() }).parse(rows[0]).next;
    },
  };
}

/** The first six parameters of a statement about one sequence of one wallet. */
export function sequenceKey(sequence: SequenceIdentity, miner: string): unknown[] {
  const { chainId, rollup, firstBatch, lastBatch, accInputHash } = sequence;
  return [chainId, miner, rollup, firstBatch, lastBatch, accInputHash];
}
