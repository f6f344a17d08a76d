-- Some of the server's own functions are open to every role. In the hands of a hostile prover, an advisory lock would
-- keep the sender from leading (and reveals from being sent), a large object would fill the disk. Closing them takes a
-- superuser; without one it is said aloud, and only trusted machines should be granted a login.
DO $$
DECLARE
  open_function regprocedure;
BEGIN
  FOR open_function IN
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace
      AND (proname LIKE 'pg\_%advisory%' OR proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'pg_notify'))
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', open_function);
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'advisory locks and large objects stay open to provers: only a superuser can close them';
END $$;
