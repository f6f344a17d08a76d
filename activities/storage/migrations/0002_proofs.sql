-- Work for provers, and the proof that was taken for it. Finished work is found here and never done twice.
CREATE TABLE proof_tasks (
  task_id               text PRIMARY KEY CHECK (task_id ~ '^[0-9a-f]{64}$'),
  kind                  text NOT NULL CHECK (kind IN ('batch', 'aggregate', 'final')),
  rollup_type           text NOT NULL,
  circuit_id            text NOT NULL,
  chain_id              bigint NOT NULL,
  rollup                text NOT NULL,
  first_batch           bigint NOT NULL,
  last_batch            bigint NOT NULL CHECK (last_batch >= first_batch),
  statement             jsonb NOT NULL,
  -- Address that a final proof is bound to.
  miner                 text CHECK ((kind = 'final') = (miner IS NOT NULL)),
  input_digest          text NOT NULL,
  created_at            timestamptz NOT NULL DEFAULT now(),
  accepted_proof_digest text,
  accepted_prover       text,
  accepted_seconds      double precision,
  accepted_at           timestamptz,
  CHECK ((accepted_proof_digest IS NULL) = (accepted_at IS NULL))
);

CREATE INDEX proof_tasks_by_batch ON proof_tasks (chain_id, rollup, first_batch, last_batch);

-- What the contract is given. Several may lie beside each other for one sequence and miner; the bytes also lie in a file.
CREATE TABLE final_proofs (
  proof_digest   text PRIMARY KEY CHECK (proof_digest ~ '^[0-9a-f]{64}$'),
  -- No foreign key: a proof put back from its file may be older than the task rows of a restored database.
  task_id        text NOT NULL,
  chain_id       bigint NOT NULL,
  rollup         text NOT NULL,
  first_batch    bigint NOT NULL,
  last_batch     bigint NOT NULL,
  acc_input_hash text NOT NULL,
  miner          text NOT NULL,
  statement      jsonb NOT NULL,
  -- keccak256(keccak256(proof) ++ miner): what is committed to.
  proof_hash     text NOT NULL,
  -- Machine time that it took.
  seconds        double precision NOT NULL,
  -- Order in which they were stored: of several, the newest fit one serves the next round.
  position       bigint GENERATED ALWAYS AS IDENTITY,
  stored_at      timestamptz NOT NULL DEFAULT now(),
  -- Set before the proofHash is signed.
  committed_at   timestamptz,
  -- Why it serves no new round: its bytes are lost, its simulated reveal fails.
  unfit_reason   text
);

CREATE INDEX final_proofs_by_sequence ON final_proofs (chain_id, rollup, first_batch, last_batch, acc_input_hash, miner);

-- A final proof is randomised: what was committed to can never be made again, so neither it nor its bytes may go.
CREATE FUNCTION keep_committed_final_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.committed_at IS NOT NULL AND (TG_OP = 'DELETE'
    OR (NEW.proof_digest, NEW.proof_hash, NEW.miner, NEW.acc_input_hash, NEW.committed_at)
       IS DISTINCT FROM (OLD.proof_digest, OLD.proof_hash, OLD.miner, OLD.acc_input_hash, OLD.committed_at))
  THEN
    RAISE EXCEPTION 'final proof % is committed on the chain: it is never replaced or deleted', OLD.proof_digest;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER keep_committed_final_proof BEFORE UPDATE OR DELETE ON final_proofs
  FOR EACH ROW EXECUTE FUNCTION keep_committed_final_proof();
