-- Mining machines, each with a login role of its own.
CREATE TABLE provers (
  name          text PRIMARY KEY,
  -- Database role it logs in with.
  role          text NOT NULL UNIQUE,
  granted_at    timestamptz NOT NULL DEFAULT now(),
  last_seen_at  timestamptz,
  set_aside_at  timestamptz,
  -- Why nothing is taken from it any more.
  set_aside_for text,
  CHECK ((set_aside_at IS NULL) = (set_aside_for IS NULL))
);

-- What each machine handed in, with the machine's name as the database knows it: a claim in a message can lie.
CREATE TABLE submitted_proofs (
  task_id      text NOT NULL REFERENCES proof_tasks (task_id) ON DELETE CASCADE,
  prover       text NOT NULL REFERENCES provers (name) ON DELETE CASCADE,
  proof_digest text NOT NULL,
  seconds      double precision NOT NULL,
  submitted_at timestamptz NOT NULL DEFAULT now(),
  refused_for  text,
  PRIMARY KEY (task_id, prover, proof_digest)
);

-- All that a prover's role may do: three functions, no table.
CREATE SCHEMA prover;

CREATE FUNCTION prover.current_prover() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  machine public.provers%ROWTYPE;
BEGIN
  SELECT * INTO machine FROM public.provers WHERE role = session_user;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'role % belongs to no prover', session_user USING ERRCODE = 'ZK001';
  END IF;
  IF machine.set_aside_at IS NOT NULL THEN
    RAISE EXCEPTION 'prover % is set aside: %', machine.name, machine.set_aside_for USING ERRCODE = 'ZK002';
  END IF;
  UPDATE public.provers SET last_seen_at = now() WHERE name = machine.name;
  RETURN machine.name;
END $$;

-- The artifact's bytes, or null where there is none.
CREATE FUNCTION prover.read_artifact(artifact_digest text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM prover.current_prover();
  RETURN (SELECT bytes FROM public.artifacts WHERE digest = artifact_digest);
END $$;

-- A proof of this task that was handed in before and not refused, so that work is not done twice.
CREATE FUNCTION prover.find_proof(wanted_task text)
RETURNS TABLE (proof_digest text, prover text, seconds double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM prover.current_prover();
  RETURN QUERY
    SELECT submitted.proof_digest, submitted.prover, submitted.seconds
    FROM public.submitted_proofs AS submitted
    JOIN public.provers AS machine ON machine.name = submitted.prover
    JOIN public.artifacts AS artifact ON artifact.digest = submitted.proof_digest
    WHERE submitted.task_id = wanted_task
      AND submitted.refused_for IS NULL
      AND machine.set_aside_at IS NULL
      AND encode(sha256(artifact.bytes), 'hex') = artifact.digest
    ORDER BY submitted.submitted_at DESC
    LIMIT 1;
END $$;

-- Hands in a proof of a known task; returns its digest.
CREATE FUNCTION prover.add_proof(of_task text, proof bytea, proving_seconds double precision) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  machine text := prover.current_prover();
  digest_of_proof text := encode(sha256(proof), 'hex');
BEGIN
  IF octet_length(proof) > 16777216 THEN
    RAISE EXCEPTION 'a proof of % bytes is over the limit of 16777216', octet_length(proof) USING ERRCODE = 'ZK003';
  END IF;
  IF NOT EXISTS (SELECT FROM public.proof_tasks WHERE task_id = of_task) THEN
    RAISE EXCEPTION 'there is no task %', of_task USING ERRCODE = 'ZK004';
  END IF;
  -- A machine that floods us fills no disk.
  IF (SELECT count(*) FROM public.submitted_proofs WHERE task_id = of_task AND prover = machine) >= 8 THEN
    RAISE EXCEPTION 'prover % handed in 8 proofs of task % already', machine, of_task USING ERRCODE = 'ZK005';
  END IF;
  INSERT INTO public.artifacts (digest, bytes) VALUES (digest_of_proof, proof) ON CONFLICT (digest) DO UPDATE
    SET bytes = EXCLUDED.bytes WHERE encode(sha256(artifacts.bytes), 'hex') <> artifacts.digest;
  INSERT INTO public.submitted_proofs (task_id, prover, proof_digest, seconds)
    VALUES (of_task, machine, digest_of_proof, proving_seconds)
    ON CONFLICT (task_id, prover, proof_digest) DO NOTHING;
  RETURN digest_of_proof;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA prover FROM PUBLIC;

-- Nobody but the owner works in this database unless it is granted: neither tables for a moment nor functions.
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
