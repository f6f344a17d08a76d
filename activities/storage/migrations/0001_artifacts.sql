-- Everything that moves by reference: task descriptions, inputs of batch proofs, proofs. Named by its sha256.
CREATE TABLE artifacts (
  digest     text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  -- 64 MiB: the inputs of one batch or one proof, never a whole sequence.
  bytes      bytea NOT NULL CHECK (octet_length(bytes) <= 67108864),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Proofs do not compress.
ALTER TABLE artifacts ALTER COLUMN bytes SET STORAGE EXTERNAL;
