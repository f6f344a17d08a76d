-- Rollups this miner takes part in.
CREATE TABLE rollups (
  chain_id    bigint NOT NULL,
  rollup      text NOT NULL,
  rollup_type text NOT NULL,
  -- Block of the base chain from which its postings are read.
  from_block  bigint NOT NULL,
  -- First batch this miner takes part in.
  start_batch bigint NOT NULL CHECK (start_batch >= 1),
  following   boolean NOT NULL DEFAULT true,
  -- The operator's pause: no new proofHash, but every reveal that is owed.
  paused      boolean NOT NULL DEFAULT false,
  PRIMARY KEY (chain_id, rollup)
);

-- How far each rollup's postings were read.
CREATE TABLE chain_cursors (
  chain_id     bigint NOT NULL,
  rollup       text NOT NULL,
  block_number bigint NOT NULL,
  PRIMARY KEY (chain_id, rollup)
);

-- The newest blocks as they were seen, to find where a reorg began.
CREATE TABLE chain_blocks (
  chain_id    bigint NOT NULL,
  number      bigint NOT NULL,
  hash        text NOT NULL,
  parent_hash text NOT NULL,
  timestamp_s bigint NOT NULL,
  PRIMARY KEY (chain_id, number)
);

CREATE TABLE posted_sequences (
  chain_id         bigint NOT NULL,
  rollup           text NOT NULL,
  first_batch      bigint NOT NULL,
  last_batch       bigint NOT NULL,
  acc_input_hash   text NOT NULL,
  block_number     bigint NOT NULL,
  block_hash       text NOT NULL,
  transaction_hash text NOT NULL,
  PRIMARY KEY (chain_id, rollup, last_batch)
);

CREATE INDEX posted_sequences_by_block ON posted_sequences (chain_id, block_number);
