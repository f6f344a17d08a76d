-- Rollups whose postings are read, and how this miner takes part in them.
CREATE TABLE rollups (
  chain_id    bigint NOT NULL,
  rollup      text NOT NULL,
  rollup_type text NOT NULL,
  -- Block of its launch: its postings are read from there.
  from_block  bigint NOT NULL,
  -- First batch this miner takes part in.
  start_batch bigint NOT NULL CHECK (start_batch >= 1),
  -- Whether its follower is to run.
  following   boolean NOT NULL,
  -- The operator's pause: no new proofHash, but every reveal that is owed.
  paused      boolean NOT NULL DEFAULT false,
  -- Its postings are known up to this block.
  read_up_to  bigint NOT NULL,
  PRIMARY KEY (chain_id, rollup)
);

-- Blocks up to which a chain was read, with their hashes: they show where a reorg began.
CREATE TABLE chain_blocks (
  chain_id    bigint NOT NULL,
  number      bigint NOT NULL,
  hash        text NOT NULL,
  parent_hash text NOT NULL,
  PRIMARY KEY (chain_id, number)
);

-- Sequences that are posted in the chain as it was read.
CREATE TABLE posted_sequences (
  chain_id         bigint NOT NULL,
  rollup           text NOT NULL,
  first_batch      bigint NOT NULL,
  last_batch       bigint NOT NULL,
  acc_input_hash   text NOT NULL,
  block_number     bigint NOT NULL,
  transaction_hash text NOT NULL,
  PRIMARY KEY (chain_id, rollup, last_batch)
);

CREATE INDEX posted_sequences_by_block ON posted_sequences (chain_id, block_number);
