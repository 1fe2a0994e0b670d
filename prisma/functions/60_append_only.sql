-- Append only, also for the role that owns the tables: a mistake or an intruder in the application must not be able
-- to rewrite what happened (AUD-9). Called by the triggers below.
CREATE OR REPLACE FUNCTION fieldsync_refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  -- The history of an erased record goes with it, by fieldsync_erase_history alone (ERA-2).
  IF TG_TABLE_NAME = 'observation_corrections' AND TG_OP = 'DELETE' AND current_setting('fieldsync.erasing', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Each of these waits for the writes under way on its table and holds up later ones until the end of the transaction. They
-- are in the order in which fieldsync_commit writes to the tables, so that a write and this do not wait for each other in a
-- circle. Several writes in one transaction still may: PostgreSQL then ends one of the two, which is tried again.
CREATE OR REPLACE TRIGGER observation_corrections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON observation_corrections
  FOR EACH STATEMENT EXECUTE FUNCTION fieldsync_refuse_change();
CREATE OR REPLACE TRIGGER playbook_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON playbook_versions
  FOR EACH STATEMENT EXECUTE FUNCTION fieldsync_refuse_change();
CREATE OR REPLACE TRIGGER playbook_patches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON playbook_patches
  FOR EACH STATEMENT EXECUTE FUNCTION fieldsync_refuse_change();
CREATE OR REPLACE TRIGGER erasures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures
  FOR EACH STATEMENT EXECUTE FUNCTION fieldsync_refuse_change();
CREATE OR REPLACE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION fieldsync_refuse_change();
