-- What settled sequences leave behind goes after a set time. See activities/storage/retention.ts.

-- Inputs of a batch, by the digest that its task's description names: batches with equal inputs share them.
ALTER TABLE proof_tasks ADD COLUMN batch_input_digest text;
UPDATE proof_tasks SET batch_input_digest = convert_from(artifacts.bytes, 'UTF8')::jsonb ->> 'input'
  FROM artifacts WHERE kind = 'batch' AND artifacts.digest = proof_tasks.input_digest;

-- Since when its batches are verified on the chain for good; null while a sequence may still need it.
ALTER TABLE proof_tasks ADD COLUMN settled_at timestamptz;
CREATE INDEX proof_tasks_settled ON proof_tasks (settled_at) WHERE settled_at IS NOT NULL;

-- Who still needs an artifact is asked by its digest.
CREATE INDEX proof_tasks_by_batch_input ON proof_tasks (batch_input_digest);
CREATE INDEX proof_tasks_by_input ON proof_tasks (input_digest);
CREATE INDEX proof_tasks_by_proof ON proof_tasks (accepted_proof_digest);
CREATE INDEX submitted_proofs_by_proof ON submitted_proofs (proof_digest);

-- Since when nothing can be earned with it any more; null while it is to be kept.
ALTER TABLE final_proofs ADD COLUMN settled_at timestamptz;
CREATE INDEX final_proofs_settled ON final_proofs (settled_at) WHERE settled_at IS NOT NULL;

-- As before, until it is settled: what was committed to can never be made again, so neither it nor its bytes may go.
CREATE OR REPLACE FUNCTION keep_committed_final_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.committed_at IS NOT NULL AND (TG_OP = 'DELETE' AND OLD.settled_at IS NULL
    OR TG_OP = 'UPDATE' AND (NEW.proof_digest, NEW.proof_hash, NEW.miner, NEW.acc_input_hash, NEW.committed_at)
       IS DISTINCT FROM (OLD.proof_digest, OLD.proof_hash, OLD.miner, OLD.acc_input_hash, OLD.committed_at))
  THEN
    RAISE EXCEPTION 'final proof % is committed on the chain: it is never replaced, nor deleted before it is settled',
      OLD.proof_digest;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
