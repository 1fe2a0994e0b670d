-- Erasure of records (ERA rules). Called by packages/db/src/log/erasure.ts.

-- Removes the correction history of the observations that one erasure names, which nothing else may: the application's role has
-- no right to, so this runs with those of the tables' owner, and only for ids that are in the append-only table already.
CREATE OR REPLACE FUNCTION fieldsync_erase_history(p_workspace text, p_audit_seq bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('fieldsync.erasing', 'on', true);
  DELETE FROM observation_corrections c USING erasures e
    WHERE c.workspace_id = p_workspace AND e.workspace_id = p_workspace AND e.audit_seq = p_audit_seq
      AND e.entity_type = 'observation' AND c.observation_id = e.entity_id;
  PERFORM set_config('fieldsync.erasing', 'off', true);
END
$$;
