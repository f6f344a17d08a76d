-- What the sender wants from the chain, and every transaction it ever signed for it. See docs/sender.md.

CREATE TABLE transactions (
  transaction_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chain_id           bigint  NOT NULL,
  wallet             text    NOT NULL,
  rollup             text    NOT NULL,
  first_batch        bigint  NOT NULL,
  last_batch         bigint  NOT NULL,
  acc_input_hash     text    NOT NULL,
  step               text    NOT NULL CHECK (step IN ('commit', 'reveal', 'settle', 'take-back', 'fill-nonce')),
  try_number         integer NOT NULL,
  -- The round that a settle or take-back names; 0 for the other steps, which have one transaction a try.
  about_round        bigint  NOT NULL DEFAULT 0,
  state              text    NOT NULL DEFAULT 'prepared'
                     CHECK (state IN ('prepared', 'pending', 'mined', 'final', 'withdrawn')),
  -- Start block of the round: as asked for; for a mined commit what its event says.
  round              bigint,
  -- The commitment that a commit sends and a reveal opens.
  proof_hash         text,
  nonce              bigint,
  cancel_wanted      boolean NOT NULL DEFAULT false,
  mined_hash         text,
  mined_block_number bigint,
  mined_block_hash   text,
  mined_status       smallint,
  mined_gas_used     numeric,
  -- Why it was last refused or withdrawn, for people.
  note               text,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (chain_id, wallet, rollup, first_batch, last_batch, acc_input_hash, step, try_number, about_round),
  -- A nonce belongs to one row. Rows without one do not collide.
  UNIQUE (chain_id, wallet, nonce),
  CHECK ((state IN ('pending', 'mined', 'final')) = (nonce IS NOT NULL)),
  CHECK ((state IN ('mined', 'final')) = (mined_hash IS NOT NULL AND mined_block_number IS NOT NULL
    AND mined_block_hash IS NOT NULL AND mined_status IS NOT NULL AND mined_gas_used IS NOT NULL))
);

CREATE INDEX transactions_live ON transactions (chain_id, wallet) WHERE state IN ('pending', 'mined');

CREATE TABLE transaction_attempts (
  hash                     text    PRIMARY KEY,
  transaction_id           bigint  NOT NULL REFERENCES transactions,
  -- 'no-op' cancels the step by using up its nonce.
  purpose                  text    NOT NULL CHECK (purpose IN ('step', 'no-op')),
  nonce                    bigint  NOT NULL,
  -- Wei a gas. A legacy transaction has its gas price in both.
  max_fee_per_gas          numeric NOT NULL,
  max_priority_fee_per_gas numeric NOT NULL,
  -- Head when it was signed.
  signed_at_block          bigint  NOT NULL,
  raw                      bytea   NOT NULL,
  created_at               timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX transaction_attempts_of ON transaction_attempts (transaction_id);
