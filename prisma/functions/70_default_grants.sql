-- What a role brings along: an agronomist may edit, create and delete everywhere in the playbooks, an admin also publish; no
-- other role brings a grant (GRA-9). Called by the trigger below, so that every way to a role leads here, whichever build of the
-- server takes it: creating a device or a person, an enrollment, another role. Grants that somebody gave stay.
CREATE OR REPLACE FUNCTION fieldsync_default_grant() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  v_actions text[] := CASE NEW.role
    WHEN 'agronomist' THEN ARRAY['edit', 'create', 'delete']
    WHEN 'admin' THEN ARRAY['edit', 'create', 'delete', 'publish']
  END;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.role = OLD.role THEN RETURN NULL; END IF;
    UPDATE playbook_grants SET revoked_at = now()
      WHERE workspace_id = NEW.workspace_id AND device_id = NEW.device_id AND by_role AND revoked_at IS NULL;
  END IF;
  IF v_actions IS NOT NULL THEN
    INSERT INTO playbook_grants (workspace_id, device_id, path, actions, by_role, granted_at)
      VALUES (NEW.workspace_id, NEW.device_id, '', v_actions, true, CASE TG_OP WHEN 'INSERT' THEN NEW.created_at ELSE now() END);
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER devices_default_grant AFTER INSERT OR UPDATE OF role ON devices
  FOR EACH ROW EXECUTE FUNCTION fieldsync_default_grant();
