import type pg from 'pg';
import type { Offer } from '../../domain/miner-limits.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { BlockRef, SequenceView } from '../../domain/sequence-view.js';
import type { StepRows } from '../sender/step-rows.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import type { FinalProof } from '../storage/final-proofs.js';
import { countPosted } from '../storage/posted-sequences.js';
import { selectRollup } from '../storage/rollups.js';
import { requireSameBlockNumbers } from './block-numbers.js';
import { isInChain, isStale } from './canonical.js';
import { chainPartOfView, type ChainPart } from './chain-part-of-view.js';
import type { ChainReader } from './chain-reader.js';
import { countFailedRoundsInARow } from './failed-rounds.js';
import { createFinality } from './finality.js';
import type { Header } from './endpoints/rpc-answers.js';
import type { PolicyFor } from '../../domain/miner-policy.js';
import { createPoolAssets, createPoolDecimals } from './pool-asset.js';
import { createProofQuestions, type ProofQuestions } from './proof-questions.js';
import { readRollupEntry } from './rollup-directory.js';
import { readSequenceFacts, type SequenceFacts } from './rollup-facts.js';
import { createRuleTrust, type RuleTrust, type TrustListener } from './rule-trust.js';
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
  /** What is put at risk, and what is put up with. */
  policyFor: PolicyFor;
  /** Told when a rollup type's rule is distrusted, or trusted again. */
  onTrust?: TrustListener;
}

/** Reads all that `decide` needs, from the chain at one block and from our own rows. */
export interface SequenceViewReader {
  /** @throws OtherBlockNumbersError on a chain whose contracts see other block numbers than the RPC endpoint */
  readView(sequence: SequenceIdentity, miner: string, lastUsed?: BlockRef | null): Promise<SequenceView>;
}

export function createSequenceViewReader(deps: SequenceViewDeps): SequenceViewReader {
  const { pool, reader, finals, steps, confirmations, marginBlocks, policyFor, onTrust } = deps;
  const { rpc } = reader;
  const finalityOf = createFinality(rpc, confirmations);
  const assetOf = createPoolAssets(rpc);
  const decimalsOf = createPoolDecimals(rpc, assetOf);
  const questions = createProofQuestions(rpc, finals, assetOf);
  const trust = createRuleTrust(pool, rpc.chainId, questions, onTrust && { onNews: onTrust });

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
      requireSameBlockNumbers(sequence.chainId, facts, head);
      const policy = policyFor(await decimalsOf(sequence.rollup));
      const part = chainPartOfView(facts, sequence, policy);
      const { final, matches } = await storedProof(finals, sequence, miner, part, facts);
      const launchBlock = async () => row?.fromBlock ?? (await readRollupEntry(rpc, sequence)).launchBlock;

      const due = whatMayBeDue(part, { next: head.number + 1, matches, isFree: inFlight === null });
      const triedBefore = nextTry > 1 || part.unsettledRounds.length > 0;
      const rounds = { postedBlock: facts.postedBlock, unsettled: part.unsettledRounds, head };
      const ownAccepted = part.own === 'accepted';
      return {
        head: { number: head.number, hash: head.hash },
        stale,
        ...part,
        offer: due.commit ? await pricedOffer(questions, part, facts, sequence.rollup) : part.offer,
        ...(await finalityOf({ sequence, miner, part, ownAccepted, head, launchBlock })),
        paused: row?.paused ? 'operator' : facts.paused ? 'contract' : 'no',
        finalProofStored: final !== null,
        storedProofMatchesOwnHash: matches,
        ...(await askAbout(final, due, { questions, trust, facts, head })),
        inFlight,
        nextTry,
        sequencesAhead: await countPosted(pool, sequence, {
          afterBatch: facts.lastVerifiedBatch,
          upToBatch: sequence.firstBatch - 1,
        }),
        failedRoundsInARow: due.commit && triedBefore ? await countFailedRoundsInARow(rpc, sequence, miner, rounds) : 0,
        marginBlocks,
        lateRevealWorthItsGas: part.own === 'late' && (await questions.lateRevealPays(facts, sequence.rollup)),
      };
    },
  };
}

/** Steps that a decision may be about, so that what it hangs on has to be asked; what is done, `decide` says. */
interface MayBeDue {
  commit: boolean;
  takeBack: boolean;
  reveal: boolean;
}

function whatMayBeDue(
  { posted, accepted, round, own }: ChainPart,
  { next, matches, isFree }: { next: number; matches: boolean; isFree: boolean },
): MayBeDue {
  const isOpen = posted && accepted === 'none';
  const takesHashes = round !== null && (round.revealStart === null || next < round.revealStart);
  return {
    commit: isOpen && isFree && (round === null || (own === 'none' && takesHashes)),
    takeBack: isOpen && own === 'open' && round?.revealStart === null && next >= round.hashWindowEnd,
    reveal: isOpen && own === 'open' && matches && mayLand(next, round),
  };
}

/** The offer with what it would cost, where that is wanted. Of a reward in a token only nothing can be compared with gas. */
async function pricedOffer(
  questions: ProofQuestions,
  { offer, limits }: ChainPart,
  { terms }: SequenceFacts,
  rollup: string,
): Promise<Offer> {
  const comparable = offer.rewardWei === '0' || (await questions.paysInCoin(rollup));
  if (!comparable) return { ...offer, rewardWei: null };
  if (limits.leastRewardPerGasCost === null) return offer;
  return { ...offer, gasCostWei: (await questions.gasCostWei(terms)).toString() };
}

/**
 * What type rule and contract say of the stored proof, as far as it may matter now. A refusal that cannot be explained opens
 * the circuit breaker of the rule. Before a take-back the rule is asked only where it is distrusted: as a rule a proof that
 * it took when it was committed to is taken still.
 */
async function askAbout(
  final: FinalProof | null,
  due: MayBeDue,
  {
    questions,
    trust,
    facts,
    head,
  }: { questions: ProofQuestions; trust: RuleTrust; facts: SequenceFacts; head: Header },
): Promise<Pick<SequenceView, 'verifierSays' | 'simulatedReveal' | 'typeTrusted'>> {
  const { rule } = facts.terms;
  const asked: Pick<SequenceView, 'verifierSays' | 'simulatedReveal'> = {
    verifierSays: 'not-asked',
    simulatedReveal: 'not-asked',
  };
  const isTrusted = !(due.commit || due.takeBack) || (await trust.isTrusted(facts.terms, head.hash));
  if (final && (due.commit || (due.takeBack && !isTrusted))) {
    const { answer, unexplained } = await questions.verifierSays(final, facts, head.hash);
    asked.verifierSays = answer;
    if (unexplained !== null) await trust.distrust(rule, final, unexplained);
  }
  if (final && due.reveal) {
    const { answer, unexplained } = await questions.simulateReveal(final, facts, head.hash);
    asked.simulatedReveal = answer;
    if (unexplained !== null) await trust.distrust(rule, final, unexplained);
  }
  return { ...asked, typeTrusted: isTrusted };
}

/** Whether a reveal may land in this block; what is done about it, `decide` says. */
function mayLand(next: number, round: SequenceView['round']): boolean {
  if (!round || round.revealStart === null || round.end === null) return false;
  return round.revealStart <= next && next < round.end;
}
