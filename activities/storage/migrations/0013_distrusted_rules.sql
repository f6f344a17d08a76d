-- Type rules that refuse a proof which the aggregator's own check took: the circuit breaker of a rollup type. See
-- activities/storage/distrusted-rules.ts.

CREATE TABLE distrusted_rules (
  chain_id     bigint NOT NULL,
  -- Address of the type rule.
  rule         text NOT NULL,
  -- The final proof that it refuses; it is asked about it again.
  proof_digest text NOT NULL,
  since        timestamptz NOT NULL DEFAULT now(),
  -- Of that proof: rollup, first and last batch.
  sequence     text NOT NULL,
  reason       text NOT NULL,
  -- When a person said that the rule is to be trusted in spite of this proof; null while it is not.
  trusted_at   timestamptz,
  PRIMARY KEY (chain_id, rule, proof_digest)
);

-- One is enough to stop all commitments.
CREATE UNIQUE INDEX distrusted_rules_open ON distrusted_rules (chain_id, rule) WHERE trusted_at IS NULL;
