import { toBeHex } from 'ethers';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { BlockRef, SequenceView } from '../../domain/sequence-view.js';
import { hashAtDepth } from './canonical.js';
import type { ChainPart } from './chain-part-of-view.js';
import type { ChainRpc } from './chain-rpc.js';
import { pagesOf, type BlockRange } from './log-pages.js';
import { ROLLED_BACK } from './posting-index.js';
import { readSequenceFacts } from './rollup-facts.js';

/** Facts remembered at a time; the oldest are forgotten, which only makes a wait for depth begin anew. */
const MAX_FACTS = 10_000;

/** What the depth of is asked, as the contract's view at `head` has it. */
export interface FinalityQuestion {
  sequence: SequenceIdentity;
  miner: string;
  part: Pick<ChainPart, 'posted' | 'acceptedBlock'>;
  /** Whether our proof was accepted, first or not: the block that the contract names is that of the first. */
  ownAccepted: boolean;
  head: BlockRef;
  /** No event of the rollup is older. */
  launchBlock(): Promise<number>;
}

/** Depth of what the chain tells of a sequence, against the depth at which it counts as final. */
export type Finality = (question: FinalityQuestion) => Promise<Pick<SequenceView, 'absenceFinal' | 'acceptedFinal'>>;

/** @param confirmations depth in blocks at which what the chain says counts as final */
export function createFinality(rpc: ChainRpc, confirmations: number): Finality {
  const absentSince = createAbsences();
  const isDeep = (block: number, head: BlockRef): boolean => head.number - block >= confirmations;

  async function absenceIsFinal({ sequence, part, head, launchBlock }: FinalityQuestion): Promise<boolean> {
    const { chainId, rollup, lastBatch, accInputHash } = sequence;
    const name = `${chainId}/${rollup}/${lastBatch}/${accInputHash}`;
    if (part.posted) {
      absentSince.forget(name);
      return false;
    }
    const isNews = !absentSince.has(name);
    const rolledBack = isNews
      ? await lastRolledBack(rpc, sequence, { from: await launchBlock(), to: head.number })
      : null;
    return isDeep(absentSince.sighted(name, rolledBack ?? head.number), head);
  }

  async function acceptanceIsFinal(question: FinalityQuestion): Promise<boolean> {
    const { sequence, miner, part, ownAccepted, head } = question;
    if (part.acceptedBlock === null || !isDeep(part.acceptedBlock, head)) return false;
    if (!ownAccepted) return true;
    const blockHash = await hashAtDepth(rpc, head, confirmations);
    if (blockHash === null) return false;
    return (await readSequenceFacts(rpc, sequence, miner, blockHash)).ownState === 'accepted';
  }

  return async (question) => ({
    absenceFinal: await absenceIsFinal(question),
    acceptedFinal: await acceptanceIsFinal(question),
  });
}

/**
 * Remembers since which block a sequence has been absent without a break. A posting that left the chain with its block
 * leaves no event behind: its absence is counted from when this process saw it first.
 */
interface Absences {
  has(name: string): boolean;
  /** @returns block of the first of the sightings in a row, of which this one is the last */
  sighted(name: string, blockNumber: number): number;
  /** It is there: the next sighting is a first one again. */
  forget(name: string): void;
}

function createAbsences(): Absences {
  const absences = new Map<string, number>();
  return {
    has: (name) => absences.has(name),
    sighted(name, blockNumber) {
      // A chain that was cut back has to grow again.
      const first = Math.min(absences.get(name) ?? blockNumber, blockNumber);
      absences.delete(name);
      absences.set(name, first);
      const [oldest] = absences.keys();
      if (absences.size > MAX_FACTS && oldest !== undefined) absences.delete(oldest);
      return first;
    },
    forget: (name) => void absences.delete(name),
  };
}

/** Block in which this very sequence was rolled back the last time, null where the chain tells of none. */
async function lastRolledBack(
  rpc: ChainRpc,
  { rollup, firstBatch, lastBatch, accInputHash }: SequenceIdentity,
  blocks: BlockRange,
): Promise<number | null> {
  const topics = [ROLLED_BACK, toBeHex(firstBatch, 32), toBeHex(lastBatch, 32), accInputHash];
  // From the newest on: as a rule it has just happened.
  for (const page of pagesOf(blocks).reverse()) {
    const newest = (await rpc.logs({ addresses: [rollup], topics, blocks: page })).at(-1);
    if (newest) return newest.blockNumber;
  }
  return null;
}
