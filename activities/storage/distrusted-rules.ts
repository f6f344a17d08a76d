import { z } from 'zod';
import { safeInteger, selectRow, selectRows, type Database } from './database.js';

/** A type rule on a chain. */
export interface RuleRef {
  chainId: number;
  rule: string;
}

/** A type rule that refuses a proof which the aggregator's own check took. */
export interface DistrustedRule extends RuleRef {
  /** sha256 of the refused final proof's bytes. */
  proofDigest: string;
  /** Whose proof it is, for people: rollup, first and last batch. */
  sequence: string;
  reason: string;
  since: Date;
}

const distrustedRule = z
  .object({
    chain_id: safeInteger,
    rule: z.string(),
    proof_digest: z.string(),
    sequence: z.string(),
    reason: z.string(),
    since: z.date(),
  })
  .transform(({ chain_id: chainId, proof_digest: proofDigest, ...row }): DistrustedRule => ({
    ...row,
    chainId,
    proofDigest,
  }));

/**
 * Notes that a rule refuses a proof. A rule that is distrusted already stays so for its first reason; a proof in spite of
 * which a person trusts the rule opens nothing again.
 *
 * @returns whether the rule was trusted until now
 */
export async function distrustRule(
  db: Database,
  { chainId, rule, proofDigest, sequence, reason }: Omit<DistrustedRule, 'since'>,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO distrusted_rules (chain_id, rule, proof_digest, sequence, reason) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [chainId, rule, proofDigest, sequence, reason],
  );
  return rowCount === 1;
}

/** The refusal for which a rule is distrusted now, null for a rule that is trusted. */
export async function selectDistrustedRule(db: Database, { chainId, rule }: RuleRef): Promise<DistrustedRule | null> {
  return selectRow(
    db,
    distrustedRule,
    'SELECT * FROM distrusted_rules WHERE chain_id = $1 AND rule = $2 AND trusted_at IS NULL',
    [chainId, rule],
  );
}

/** All rules that are distrusted now, the first one first. */
export async function selectDistrustedRules(db: Database, chainId: number): Promise<DistrustedRule[]> {
  return selectRows(
    db,
    distrustedRule,
    'SELECT * FROM distrusted_rules WHERE chain_id = $1 AND trusted_at IS NULL ORDER BY since',
    [chainId],
  );
}

/**
 * Trusts a rule again.
 *
 * @param why `it-says-yes`: it takes the proof now; should it refuse it once more, it is distrusted once more. `a-person`:
 * whatever it says of this proof
 * @returns whether it was distrusted
 */
export async function trustRule(
  db: Database,
  { chainId, rule }: RuleRef,
  why: 'it-says-yes' | 'a-person',
): Promise<boolean> {
  const text =
    why === 'a-person'
      ? 'UPDATE distrusted_rules SET trusted_at = now() WHERE chain_id = $1 AND rule = $2 AND trusted_at IS NULL'
      : 'DELETE FROM distrusted_rules WHERE chain_id = $1 AND rule = $2 AND trusted_at IS NULL';
  const { rowCount } = await db.query(text, [chainId, rule]);
  return rowCount !== null && rowCount > 0;
}
