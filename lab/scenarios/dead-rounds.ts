import type { Field } from './field.js';
import { lastVerifiedBatch, standing } from './outcome.js';
import type { Postings } from './postings.js';
import { factsOf } from './progress.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';

type Commitment = RollupRecord['commitments'][number];

/** Commitments of one miner that it could not reveal, whatever it decided. */
export interface Excuses {
  miner: string;
  /** proofHashes of proofs that were lost. */
  lostHashes: Set<string>;
  /** Rounds over whose whole reveal window the miner had no sender. */
  missedRounds: { finalBatch: number; round: number }[];
}

export function isExcused({ miner, lostHashes, missedRounds }: Excuses, commitment: Commitment): boolean {
  if (commitment.miner !== miner) return false;
  const { proofHash, finalBatch, round } = commitment;
  return (
    lostHashes.has(proofHash) ||
    missedRounds.some((missed) => missed.finalBatch === finalBatch && missed.round === round)
  );
}

/**
 * Makes at once the blocks up to the end of a reveal window in which no honest miner has anything to reveal: only
 * enemies are in the round, or what an honest miner had is lost. So long windows cost a run no time where nobody can use
 * them.
 */
export async function skipDeadRound(
  field: Field,
  postings: Postings,
  honest: readonly string[],
  excuses: Excuses,
): Promise<void> {
  const { chain, rollup } = field;
  const verified = await lastVerifiedBatch(field);
  const sequence = postings.all.find(({ firstBatch }) => firstBatch === verified + 1);
  if (!sequence) return;
  const { roundStart, revealStart, revealEnd } = await factsOf(field, sequence, excuses.miner);
  const head = await chain.head();
  const revealing = revealStart !== null && revealEnd !== null && head + 1 >= revealStart && head + 1 < revealEnd;
  if (roundStart === 0 || !revealing) return;
  const able = standing(await readRollupRecord(chain, rollup)).filter(
    (commitment) =>
      commitment.finalBatch === sequence.lastBatch &&
      commitment.round === roundStart &&
      honest.includes(commitment.miner) &&
      !isExcused(excuses, commitment),
  );
  if (able.length === 0) await chain.clock.mine(revealEnd - 1 - head);
}
