import type pg from 'pg';
import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import type { BlockRef, SequenceView } from '../../workflows/domain/sequence-view.js';
import type { StepRows } from '../sender/step-rows.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import { countPosted } from '../storage/posted-sequences.js';
import { selectRollup } from '../storage/rollups.js';
import { isInChain, isStale } from './canonical.js';
import { chainPartOfView } from './chain-part-of-view.js';
import type { ChainReader } from './chain-reader.js';
import { countFailedRoundsInARow } from './failed-rounds.js';
import { createFinality } from './finality.js';
import { createProofQuestions } from './proof-questions.js';
import { readRollupEntry } from './rollup-directory.js';
import { readSequenceFacts } from './rollup-facts.js';
import { storedProof } from './stored-proof.js';

export interface SequenceViewDeps {
  pool: pg.Pool;
  reader: Pick<ChainReader, 'rpc' | 'freshHead'>;
  finals: FinalProofStore;
  steps: StepRows;
  /** Depth at which what the chain says counts as final. */
  confirmations: number;
  /** Blocks that must be left before R for a new commit. */
  marginBlocks: number;
}

/** Reads all that `decide` needs, from the chain at one block and from our own rows. */
export interface SequenceViewReader {
  readView(sequence: SequenceIdentity, miner: string, lastUsed?: BlockRef | null): Promise<SequenceView>;
}

export function createSequenceViewReader(deps: SequenceViewDeps): SequenceViewReader {
  const { pool, reader, finals, steps, confirmations, marginBlocks } = deps;
  const { rpc } = reader;
  const finalityOf = createFinality(rpc, confirmations);
  const questions = createProofQuestions(rpc, finals);

  return {
    async readView(sequence, miner, lastUsed = null) {
      const head = await reader.freshHead();
      const [facts, stale, row, inFlight, nextTry] = await Promise.all([
        readSequenceFacts(rpc, sequence, miner, head.hash),
        isStale(rpc, head, lastUsed),
        selectRollup(pool, sequence),
        steps.inFlight(sequence, miner, (block) => isInChain(rpc, head, block)),
        steps.nextTry(sequence, miner),
      ]);
      const part = chainPartOfView(facts, sequence.accInputHash, miner);
      const { final, matches } = await storedProof(finals, sequence, miner, part, facts);
      const acceptedLate = part.own === 'accepted' && !sameAddress(facts.firstProver, miner);

      const launchBlock = async () => row?.fromBlock ?? (await readRollupEntry(rpc, sequence)).launchBlock;

      const isOpen = part.posted && part.accepted === 'none';
      const commitMayBeDue = isOpen && !inFlight && (!part.round || part.own === 'none');
      const revealMayBeDue = isOpen && part.own === 'open' && matches && mayLand(head.number + 1, part.round);
      const triedBefore = nextTry > 1 || part.unsettledRounds.length > 0;
      const rounds = { postedBlock: facts.postedBlock, unsettled: part.unsettledRounds, head };
      return {
        head: { number: head.number, hash: head.hash },
        stale,
        ...part,
        ...(await finalityOf({ sequence, miner, part, acceptedLate, head, launchBlock })),
        paused: facts.paused ? 'contract' : row?.paused ? 'operator' : 'no',
        finalProofStored: final !== null,
        storedProofMatchesOwnHash: matches,
        verifierSays: final && commitMayBeDue ? await questions.verifierSays(final, facts, head.hash) : 'not-asked',
        simulatedReveal: final && revealMayBeDue ? await questions.simulateReveal(final) : 'not-asked',
        inFlight,
        nextTry,
        sequencesAhead: await countPosted(pool, sequence, {
          afterBatch: facts.lastVerifiedBatch,
          upToBatch: sequence.firstBatch - 1,
        }),
        failedRoundsInARow:
          commitMayBeDue && triedBefore ? await countFailedRoundsInARow(rpc, sequence, miner, rounds) : 0,
        marginBlocks,
        lateRevealWorthItsGas: part.own === 'late' && (await questions.lateRevealPays(facts, sequence.rollup)),
      };
    },
  };
}

/** Whether a reveal may land in this block; what is done about it, `decide` says. */
function mayLand(next: number, round: SequenceView['round']): boolean {
  if (!round || round.revealStart === null || round.end === null) return false;
  return round.revealStart <= next && next < round.end;
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
