import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import type { Database } from '../storage/database.js';
import {
  distrustRule,
  selectDistrustedRule,
  trustRule,
  type DistrustedRule,
  type RuleRef,
} from '../storage/distrusted-rules.js';
import { selectFinalProof, type FinalProof } from '../storage/final-proofs.js';
import type { RuleTerms } from './ask-rule.js';
import type { ProofQuestions } from './proof-questions.js';

/** How often a rule that is distrusted is asked again about the proof that it refused. */
const ASK_AGAIN_MS = 60_000;

/** Told when a rule is distrusted from now on, or trusted again by itself. */
export type TrustListener = (rule: RuleRef, news: { trusted: boolean; why: string }) => void;

/**
 * The circuit breaker of a rollup type. A type rule that refuses a proof which our own check took is not to be believed:
 * while it does, nothing is committed to any rollup of it, since the reveal would be refused, too.
 */
export interface RuleTrust {
  distrust(rule: string, final: FinalProof, reason: string): Promise<void>;
  /** Asks a distrusted rule again, at most once a minute, about the proof that it refused. */
  isTrusted(rule: RuleTerms, blockHash: Hex): Promise<boolean>;
}

export function createRuleTrust(
  db: Database,
  chainId: number,
  questions: Pick<ProofQuestions, 'ruleTakes'>,
  { onNews = () => undefined, nowMs = Date.now }: { onNews?: TrustListener; nowMs?: () => number } = {},
): RuleTrust {
  const askedAtMs = new Map<string, number>();

  async function takesItNow(refused: DistrustedRule, terms: RuleTerms, blockHash: Hex): Promise<boolean> {
    const before = askedAtMs.get(terms.rule) ?? refused.since.getTime();
    if (nowMs() - before < ASK_AGAIN_MS) return false;
    askedAtMs.set(terms.rule, nowMs());
    const final = await selectFinalProof(db, refused.proofDigest);
    return final !== null && (await questions.ruleTakes(final, terms, blockHash)) === true;
  }

  return {
    async distrust(rule, { proofDigest, sequence }, reason) {
      const refusal = { chainId, rule, proofDigest, sequence: nameOf(sequence), reason };
      if (await distrustRule(db, refusal)) {
        onNews({ chainId, rule }, { trusted: false, why: `${reason} (${refusal.sequence})` });
      }
    },

    async isTrusted(terms, blockHash) {
      const { rule } = terms;
      const refused = await selectDistrustedRule(db, { chainId, rule });
      if (refused === null) return true;
      if (!(await takesItNow(refused, terms, blockHash))) return false;
      await trustRule(db, { chainId, rule }, 'it-says-yes');
      onNews({ chainId, rule }, { trusted: true, why: 'it takes the proof that it had refused' });
      return true;
    },
  };
}

function nameOf({ rollup, firstBatch, lastBatch }: SequenceIdentity): string {
  return `rollup ${rollup}, batches ${firstBatch}-${lastBatch}`;
}
