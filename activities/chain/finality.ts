import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import type { BlockRef, SequenceView } from '../../workflows/domain/sequence-view.js';
import type { ChainPart } from './chain-part-of-view.js';

/** Facts remembered at a time; the oldest are forgotten, which only makes a wait for depth begin anew. */
const MAX_FACTS = 10_000;

/**
 * Remembers since which block a fact has been seen without a break. Some things on a chain tell of no block (that
 * something is absent, that a late proof was accepted): their depth is counted from when this process saw them first.
 */
export interface FirstSeen {
  /** @returns block of the first of the sightings in a row, of which this one is the last */
  sighted(fact: string, blockNumber: number): number;
  /** The fact does not hold: the next sighting is a first one again. */
  missed(fact: string): void;
}

export function createFirstSeen(): FirstSeen {
  const facts = new Map<string, number>();
  return {
    sighted(fact, blockNumber) {
      // A chain that was cut back has to grow again.
      const first = Math.min(facts.get(fact) ?? blockNumber, blockNumber);
      facts.delete(fact);
      facts.set(fact, first);
      const [oldest] = facts.keys();
      if (facts.size > MAX_FACTS && oldest !== undefined) facts.delete(oldest);
      return first;
    },
    missed(fact) {
      facts.delete(fact);
    },
  };
}

/** Depth of what the chain tells: by the block it names, or by how long this process has seen it. */
export function finalityOf(
  firstSeen: FirstSeen,
  confirmations: number,
  { chainId, rollup, lastBatch, accInputHash }: SequenceIdentity,
  miner: string,
  { posted, acceptedBlock, acceptedLate }: Pick<ChainPart, 'posted' | 'acceptedBlock'> & { acceptedLate: boolean },
  head: BlockRef,
): Pick<SequenceView, 'absenceFinal' | 'acceptedFinal'> {
  const name = `${chainId}/${rollup}/${lastBatch}/${accInputHash}`;
  const [absent, ownLate] = [`${name}/absent`, `${name}/${miner}/accepted late`];
  const isFinal = (block: number) => head.number - block >= confirmations;

  if (posted) firstSeen.missed(absent);
  const absenceFinal = !posted && isFinal(firstSeen.sighted(absent, head.number));

  if (!acceptedLate) firstSeen.missed(ownLate);
  // The block that the contract names is that of the first acceptance; ours may have come later.
  const acceptedSince = acceptedLate ? firstSeen.sighted(ownLate, head.number) : acceptedBlock;
  return { absenceFinal, acceptedFinal: acceptedSince !== null && isFinal(acceptedSince) };
}
