-- The circuits that the aggregator works with, so that a machine can tell before its first task whether it has them.
CREATE TABLE circuits (
  proof_system text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('batch', 'aggregate', 'final')),
  circuit_id   text NOT NULL,
  PRIMARY KEY (proof_system, kind)
);

CREATE FUNCTION prover.circuits()
RETURNS TABLE (proof_system text, kind text, circuit_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM prover.current_prover();
  RETURN QUERY SELECT known.proof_system, known.kind, known.circuit_id FROM public.circuits AS known;
END $$;

REVOKE ALL ON FUNCTION prover.circuits FROM PUBLIC;
-- Machines that have a login already.
DO $$
DECLARE
  machine text;
BEGIN
  FOR machine IN SELECT provers.role FROM provers JOIN pg_roles ON pg_roles.rolname = provers.role LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION prover.circuits TO %I', machine);
  END LOOP;
END $$;
