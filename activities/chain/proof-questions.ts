import { ZeroAddress } from 'ethers';
import type { Hex } from '../../domain/sequence.js';
import type { SequenceView } from '../../domain/sequence-view.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import type { FinalProof } from '../storage/final-proofs.js';
import { askRule, REVEAL_OVERHEAD_GAS, revealGas, ruleQuestion, type RuleTerms } from './ask-rule.js';
import { CallRevertedError, type ChainRpc } from './chain-rpc.js';
import { ZERO_HASH } from './rollup-directory.js';
import { ROLLUP, type SequenceFacts } from './rollup-facts.js';

/** Gas of a commit that opens a round. */
const COMMIT_GAS = 160_000n;
/** Gas of booking a share, and of claiming it. */
const SETTLE_AND_CLAIM_GAS = 145_000n;
/** A rule that takes a proof only with so many times the gas has become dearer. */
const MORE_GAS = 8n;

/** What a rule or a simulated reveal said of a stored proof. */
export interface Said<Answer> {
  answer: Answer;
  /** Why it refuses what our own check took; null where it takes it, or where the refusal can be explained. */
  unexplained: string | null;
}

/** What the chain says of a stored final proof, without a transaction. */
export interface ProofQuestions {
  /** Whether the round's type rule takes the proof, with the gas that the contract would give it. */
  verifierSays(final: FinalProof, facts: SequenceFacts, blockHash: Hex): Promise<Said<'yes' | 'no'>>;
  /** Whether a rule takes a proof, for what the proof itself says it proves. Null where its bytes are lost. */
  ruleTakes(final: FinalProof, rule: RuleTerms, blockHash: Hex): Promise<boolean | null>;
  /**
   * What the reveal would return in the next block. A revert says that it is out of place, not that it is bad. The rule is
   * to blame for a refusal only where it refuses the proof when it is asked itself, too.
   */
  simulateReveal(
    final: FinalProof,
    facts: SequenceFacts,
    blockHash: Hex,
  ): Promise<Said<SequenceView['simulatedReveal']>>;
  /**
   * Whether what a proof that comes after another's would be paid now is more than its gas costs now. Gas is paid in the
   * chain's coin: a reward in a token cannot be compared with it without a price, so any such reward counts as worth it.
   */
  lateRevealPays(facts: Pick<SequenceFacts, 'terms' | 'ownReward'>, rollup: string): Promise<boolean>;
  /** What commit and reveal would cost now, and the settling and claiming of a share, in wei. */
  gasCostWei(rule: RuleTerms): Promise<bigint>;
  /** Whether a rollup's rewards are paid in the chain's own coin. */
  paysInCoin(rollup: string): Promise<boolean>;
}

/** @param assetOf what the pool of a rollup keeps, as `createPoolAssets` finds it */
export function createProofQuestions(
  rpc: Pick<ChainRpc, 'call' | 'gasPriceWei'>,
  finals: Pick<FinalProofStore, 'bytes'>,
  assetOf: (rollup: string) => Promise<string>,
): ProofQuestions {
  const answers = createAnswersOfOneBlock();

  async function ask(final: FinalProof, proof: Uint8Array, rule: RuleTerms, blockHash: Hex): Promise<Said<boolean>> {
    return answers.remembered(blockHash, `${final.proofDigest}/${rule.rule}`, async () => {
      const question = ruleQuestion(rule, final.statement, final.miner, proof);
      const takesWith = async (gas: bigint) => (await askRule(rpc, { ...question, gas }, { blockHash })).isYes;
      if (await takesWith(question.gas)) return { answer: true, unexplained: null };
      const isDearer = await takesWith(question.gas * MORE_GAS);
      const unexplained = isDearer
        ? `it takes the proof only with more than the ${question.gas} gas that it declares and the contract adds`
        : 'it refuses the proof';
      return { answer: false, unexplained };
    });
  }

  return {
    async verifierSays(final, facts, blockHash) {
      if (!isAboutThisChain(final, facts)) return { answer: 'no', unexplained: null };
      const proof = await finals.bytes(final.proofDigest);
      if (!proof) return { answer: 'no', unexplained: null };
      const { answer, unexplained } = await ask(final, proof, facts.terms, blockHash);
      return { answer: answer ? 'yes' : 'no', unexplained };
    },

    async ruleTakes(final, rule, blockHash) {
      const proof = await finals.bytes(final.proofDigest);
      return proof && (await ask(final, proof, rule, blockHash)).answer;
    },

    async simulateReveal(final, facts, blockHash) {
      const proof = await finals.bytes(final.proofDigest);
      if (!proof) return { answer: 'not-accepted', unexplained: null };
      const answer = await callReveal(rpc, final, proof, facts.terms);
      const isExplained = answer !== 'not-accepted' || !isAboutThisChain(final, facts);
      return {
        answer,
        unexplained: isExplained ? null : (await ask(final, proof, facts.terms, blockHash)).unexplained,
      };
    },

    async lateRevealPays({ terms, ownReward }, rollup) {
      if (ownReward === 0n) return false;
      if ((await assetOf(rollup)) !== ZeroAddress) return true;
      return ownReward > (terms.verificationGas + REVEAL_OVERHEAD_GAS) * (await rpc.gasPriceWei());
    },

    gasCostWei: async ({ verificationGas }) =>
      (COMMIT_GAS + verificationGas + REVEAL_OVERHEAD_GAS + SETTLE_AND_CLAIM_GAS) * (await rpc.gasPriceWei()),

    paysInCoin: async (rollup) => (await assetOf(rollup)) === ZeroAddress,
  };
}

/**
 * Whether the proof says what the contract would ask about. Only the old state root may not be on the chain yet. A proof
 * from before a reorg or a roll back is of another posting: that a rule refuses it is no wonder.
 */
function isAboutThisChain({ statement }: FinalProof, facts: SequenceFacts): boolean {
  const rootFits = facts.oldStateRoot === ZERO_HASH || facts.oldStateRoot === statement.oldStateRoot;
  return (
    rootFits && facts.oldAccInputHash === statement.oldAccInputHash && facts.accInputHash === statement.newAccInputHash
  );
}

async function callReveal(
  rpc: Pick<ChainRpc, 'call'>,
  { sequence, statement, miner }: FinalProof,
  proof: Uint8Array,
  rule: RuleTerms,
): Promise<SequenceView['simulatedReveal']> {
  const { rollup, firstBatch, lastBatch } = sequence;
  const args = [firstBatch - 1, lastBatch, ZERO_HASH, statement.newStateRoot, proof];
  const data = ROLLUP.encodeFunctionData('verifyBatches', args);
  try {
    const answer = await rpc.call({ from: miner, to: rollup, data, gas: revealGas(rule, data) }, 'pending');
    return ROLLUP.decodeFunctionResult('verifyBatches', answer).toArray()[0] === true ? 'accepted' : 'not-accepted';
  } catch (error) {
    if (error instanceof CallRevertedError) return 'not-asked';
    throw error;
  }
}

/**
 * Remembers what was answered at the newest block that was asked about: several waits look at the same block. Never longer:
 * a chain may reprice what a verifier uses.
 */
function createAnswersOfOneBlock() {
  let block: Hex | null = null;
  let answers = new Map<string, Promise<Said<boolean>>>();
  return {
    remembered(blockHash: Hex, question: string, ask: () => Promise<Said<boolean>>): Promise<Said<boolean>> {
      if (blockHash !== block) {
        block = blockHash;
        answers = new Map();
      }
      const known = answers.get(question);
      if (known) return known;
      const asked = ask();
      answers.set(question, asked);
      asked.catch(() => answers.delete(question));
      return asked;
    },
  };
}
