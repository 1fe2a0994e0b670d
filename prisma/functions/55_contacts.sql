-- Entries for the first sync of each device on a day (AUD-17). Called by packages/db/src/log/contacts.ts, apart from any answer.

-- Appends one row to the audit chain for each of these contacts whose day is later than the last one recorded of its device:
-- however many servers have seen the device, the head row's lock lets one of them write it. Moves no position of the log.
--   p_contacts: device, UTC day, instant, and the body around its number; one workspace's.
-- Device rows in order, under the head row, as fieldsync_commit takes them: no two of these wait for each other in a circle.
CREATE OR REPLACE FUNCTION fieldsync_contacts(p_workspace text, p_contacts json) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_head workspace_heads%ROWTYPE;
  v_contact record;
  v_seq bigint;
  v_hash text;
  v_body text;
  v_written int := 0;
BEGIN
  -- First without the lock: all of them may be recorded already, by another server or by this one before it was restarted.
  PERFORM FROM json_to_recordset(p_contacts) AS c(device text, day date)
    WHERE NOT EXISTS (
      SELECT FROM device_states s
      WHERE s.workspace_id = p_workspace AND s.device_id = c.device AND s.contact_day >= c.day
    );
  IF NOT FOUND THEN RETURN 0; END IF;

  SELECT * INTO v_head FROM workspace_heads WHERE workspace_id = p_workspace FOR UPDATE;
  v_seq := v_head.audit_seq;
  v_hash := v_head.audit_hash;
  FOR v_contact IN
    SELECT * FROM json_to_recordset(p_contacts) AS c(device text, day date, at timestamptz, prefix text, suffix text)
      ORDER BY device, day
  LOOP
    INSERT INTO device_states AS s (workspace_id, device_id, contact_day)
      VALUES (p_workspace, v_contact.device, v_contact.day)
      ON CONFLICT (workspace_id, device_id) DO UPDATE SET contact_day = excluded.contact_day
        WHERE s.contact_day IS NULL OR s.contact_day < excluded.contact_day;
    CONTINUE WHEN NOT FOUND;
    v_seq := v_seq + 1;
    v_body := v_contact.prefix || v_seq || v_contact.suffix;
    v_hash := encode(sha256(convert_to('fieldsync.audit.v1' || E'\n' || v_hash || E'\n' || v_body, 'UTF8')), 'hex');
    INSERT INTO audit_entries (workspace_id, seq, hash, body, at)
      VALUES (p_workspace, v_seq, v_hash, v_body, v_contact.at);
    v_written := v_written + 1;
  END LOOP;
  IF v_written > 0 THEN
    UPDATE workspace_heads SET audit_seq = v_seq, audit_hash = v_hash WHERE workspace_id = p_workspace;
  END IF;
  RETURN v_written;
END
$$;
