-- Chains that this database is about. A chain id alone does not name a chain: one of one's own can be begun anew.
CREATE TABLE chains (
  chain_id     bigint PRIMARY KEY,
  -- Of block 0.
  genesis_hash text NOT NULL
);
