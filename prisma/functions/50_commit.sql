-- The one function through which every write of a workspace goes (docs/decisions/0002). It does in one round trip what would
-- otherwise hold the workspace's head row over several. Called by packages/db/src/log/commit.ts.

-- End of a recommendation's window in microseconds since the epoch; further digits are cut off. The contract allows what PostgreSQL
-- does not read: offsets of 16 hours and more, hence subtracted here, and the year 0, whose windows are over.
CREATE OR REPLACE FUNCTION fieldsync_window_end(p_recommendation json) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN w.ends < '0001' THEN 0
    ELSE extract(epoch FROM (substr(w.ends, 1, 19) || 'Z')::timestamptz)::bigint * 1000000
      + rpad(coalesce(substring(w.ends FROM '\.(\d{1,6})'), ''), 6, '0')::bigint
      - CASE WHEN right(w.ends, 1) IN ('Z', 'z') THEN 0
          ELSE (substr(w."offset", 1, 1) || '60000000')::bigint * (substr(w."offset", 2, 2)::int * 60 + right(w."offset", 2)::int) END
    END
  FROM (SELECT e.ends, right(e.ends, 6) AS "offset" FROM (SELECT p_recommendation #>> '{timingWindow,endAt}' AS ends) e) w
$$;

-- A write: takes the workspace's head row, looks again at everything the decision was based on, writes, appends to
-- the audit chain and stores the answer. One call takes effect as a whole or not at all, and leaves the transaction
-- usable: several writes may follow each other in one.
--   p_epoch: of the calling device; null for the system itself.
--   p_state_delta: what the written records change in the workspace's state hash; null for nothing.
--   p_guards: rows that were read and are not written, with the revision they were read at. `pending` names a playbook; its
--   revision is the newest position of its pending recommendations whose window is open (REC-19).
--   p_new_*: rows that must not exist; p_changed_*: rows with the revision they must still have; *_documents: their
--   records in the same order, each after the other with a record separator (RFC 7464) between, which no JSON text holds
--   unescaped: splitting them costs a third of reading them out of one JSON array;
--   p_versions, p_patches: `by` is who proposed it, where that is not the caller; `kind`, `reason` and `proposal` of a
--   version that was published are null for one that a patch made.
--   p_counts: kept beside the answer; `byServer` of them: as many positions at the end of this write are the server's own
--   doing, which the caller gets on its next page.
--   p_moved: rows whose effective time alone moves. `i` is a row's place among the positions of this write.
--   p_response_start/middle/end: the answer around its cursor and its downstream; with p_max_records null the
--   answer is p_response_start as it is.
--   outcome: credential | replay | key_conflict | cursor_invalid | stale | done
--   stale: a row changed after it was read, or an id is erased, and nothing was written: decide again.
-- Changed records are looked up one by one, each by its key, and then updated where they lie: the head row keeps every other
-- write out, so they stay there. While a table has no statistics yet, PostgreSQL takes it for tiny and the list of changes
-- for a thousand rows: joined with each other, it would go through the whole workspace by its index on positions, for as
-- long as it keeps that plan (docs/decisions/0011).
-- An observation without a search text gets '?', to be folded later: a server of an earlier version sends none. The playbook and
-- the end of a recommendation's window, which it does not send either, are read from the record.
CREATE OR REPLACE FUNCTION fieldsync_commit(
  p_workspace text, p_device text, p_epoch int, p_operation text, p_key text, p_sync_id text,
  p_request_sha256 text, p_now timestamptz,
  p_cursor text, p_position bigint, p_max_records int, p_max_bytes int,
  p_guards json, p_moved json,
  p_new_observations json, p_new_observation_documents text,
  p_changed_observations json, p_changed_observation_documents text, p_corrections json,
  p_new_recommendations json, p_new_recommendation_documents text,
  p_changed_recommendations json, p_changed_recommendation_documents text,
  p_playbooks json, p_versions json, p_patches json, p_conflicts json,
  p_positions int, p_state_delta text, p_secret bytea,
  p_metadata json, p_metadata_micros bigint, p_report json, p_resolved json,
  p_audit_prefix text, p_audit_suffix text,
  p_response_start text, p_response_middle text, p_response_end text, p_counts json,
  OUT outcome text, OUT response text
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_head workspace_heads%ROWTYPE;
  v_seen int;
  v_more int;
  v_wrong boolean;
  v_end bigint;
  v_own_end bigint;
  v_state text;
  v_audit_body text;
  v_audit_hash text;
  v_down record;
BEGIN
  SELECT * INTO v_head FROM workspace_heads WHERE workspace_id = p_workspace FOR UPDATE;

  IF p_epoch IS NOT NULL THEN
    PERFORM FROM devices d
      WHERE d.workspace_id = p_workspace AND d.device_id = p_device AND d.epoch = p_epoch AND d.revoked_at IS NULL;
    IF NOT FOUND THEN outcome := 'credential'; RETURN; END IF;
  END IF;

  IF p_key IS NOT NULL THEN
    SELECT bool_or(k.request_sha256 <> p_request_sha256), min(k.response) INTO v_wrong, response
      FROM (
        SELECT e.request_sha256, e.response FROM sync_events e
          WHERE e.workspace_id = p_workspace AND e.device_id = p_device AND e.operation = p_operation
            AND e.idempotency_key IN (p_key, p_sync_id)
        UNION ALL
        SELECT e.request_sha256, e.response FROM sync_events e
          WHERE e.workspace_id = p_workspace AND e.device_id = p_device AND e.operation = p_operation
            AND e.sync_id IN (p_key, p_sync_id)
      ) k;
    IF v_wrong THEN outcome := 'key_conflict'; response := NULL; RETURN; END IF;
    IF response IS NOT NULL THEN outcome := 'replay'; RETURN; END IF;
  END IF;

  IF p_cursor IS NOT NULL THEN
    PERFORM FROM (
        SELECT c.secret FROM log_commits c
        WHERE c.workspace_id = p_workspace AND c.last_position >= p_position ORDER BY c.last_position LIMIT 1
      ) owner
      WHERE fieldsync_cursor_text(owner.secret, p_position) = p_cursor;
    IF NOT FOUND THEN outcome := 'cursor_invalid'; RETURN; END IF;
  END IF;

  IF p_guards IS NOT NULL THEN
    PERFORM FROM json_to_recordset(p_guards) AS g(kind text, id text, revision bigint)
      WHERE g.revision IS DISTINCT FROM CASE g.kind
        WHEN 'observation' THEN (SELECT o.revision FROM observations o WHERE o.workspace_id = p_workspace AND o.observation_id = g.id)
        WHEN 'recommendation' THEN (SELECT r.revision FROM recommendations r WHERE r.workspace_id = p_workspace AND r.recommendation_id = g.id)
        WHEN 'playbook' THEN (SELECT p.active_version FROM playbooks p WHERE p.workspace_id = p_workspace AND p.playbook_id = g.id)
        -- The sum keeps PostgreSQL from walking the index of all positions, from the newest to one of this playbook.
        WHEN 'pending' THEN (SELECT max(r.position + 0) FROM recommendations r
          WHERE r.workspace_id = p_workspace AND r.playbook_id = g.id AND r.status = 'pending_confirmation'
            AND r.window_ends_micros > (extract(epoch FROM p_now) * 1000000)::bigint)
      END;
    IF FOUND THEN outcome := 'stale'; RETURN; END IF;
  END IF;

  -- An id that was erased takes no write, ever (ERA-3): decided again, its record is refused. Most workspaces have none.
  IF EXISTS (SELECT FROM erasures e WHERE e.workspace_id = p_workspace) THEN
    PERFORM FROM (
        SELECT 'observation' AS kind, x.id FROM json_to_recordset(p_new_observations) AS x(id text)
        UNION ALL SELECT 'recommendation', x.id FROM json_to_recordset(p_new_recommendations) AS x(id text)
        UNION ALL SELECT g.kind, g.id FROM json_to_recordset(p_guards) AS g(kind text, id text, revision int)
          WHERE g.revision IS NULL
      ) named
      JOIN erasures e ON e.workspace_id = p_workspace AND e.entity_type = named.kind AND e.entity_id = named.id;
    IF FOUND THEN outcome := 'stale'; RETURN; END IF;
  END IF;

  v_end := v_head.position + p_positions;
  v_own_end := v_end - coalesce((p_counts ->> 'byServer')::int, 0);

  v_state := CASE WHEN p_state_delta IS NULL THEN v_head.state_hash
    ELSE fieldsync_combine(v_head.state_hash, p_state_delta) END;

  -- From here on all is taken back when a row turns out to have changed: a record that was taken for new is stored, a
  -- revision is not what it was.
  BEGIN
    IF p_new_observations IS NOT NULL THEN
      INSERT INTO observations (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at, search_text)
        SELECT p_workspace, x.id, x.device, x.status, x.document::json, x.bytes, x.time, 1, v_head.position + x.i, p_now, coalesce(x.search, '?')
        FROM ROWS FROM (
          json_to_recordset(p_new_observations) AS (i int, id text, device text, status text, bytes int, time bigint, search text),
          string_to_table(p_new_observation_documents, E'\x1e')
        ) AS x(i, id, device, status, bytes, time, search, document);
    END IF;
    IF p_new_recommendations IS NOT NULL THEN
      INSERT INTO recommendations (workspace_id, recommendation_id, observation_id, status, document, document_bytes, time_micros, revision, position, stored_at, playbook_id, window_ends_micros)
        SELECT p_workspace, x.id, x.observation, x.status, x.document::json, x.bytes, x.time, 1, v_head.position + x.i, p_now,
            coalesce(x.playbook, x.document::json ->> 'playbookId'), coalesce(x.ends, fieldsync_window_end(x.document::json))
        FROM ROWS FROM (
          json_to_recordset(p_new_recommendations) AS (i int, id text, observation text, status text, bytes int, time bigint, playbook text, ends bigint),
          string_to_table(p_new_recommendation_documents, E'\x1e')
        ) AS x(i, id, observation, status, bytes, time, playbook, ends, document);
    END IF;
    IF p_changed_observations IS NOT NULL THEN
      UPDATE observations o SET status = x.status, document = x.document::json, document_bytes = x.bytes, time_micros = x.time,
          revision = o.revision + 1, position = v_head.position + x.i, stored_at = p_now, search_text = coalesce(x.search, '?')
        FROM ROWS FROM (
          json_to_recordset(p_changed_observations) AS (i int, id text, revision int, status text, bytes int, time bigint, search text),
          string_to_table(p_changed_observation_documents, E'\x1e')
        ) AS x(i, id, revision, status, bytes, time, search, document)
        CROSS JOIN LATERAL (
          SELECT k.ctid FROM observations k
          WHERE k.workspace_id = p_workspace AND k.observation_id = x.id AND k.revision = x.revision OFFSET 0
        ) k
        WHERE o.ctid = k.ctid;
      GET DIAGNOSTICS v_seen = ROW_COUNT;
      IF v_seen <> json_array_length(p_changed_observations) THEN
        RAISE EXCEPTION 'an observation changed after it was read' USING ERRCODE = 'FS001';
      END IF;
    END IF;
    IF p_corrections IS NOT NULL THEN
      INSERT INTO observation_corrections (workspace_id, observation_id, correction_id, position, ordinal, device_id, content_sha256, before, after, accepted_at)
        SELECT p_workspace, x.observation, x.id, v_head.position + x.i, x.ordinal, p_device, x.sha256, x.before, x.after, p_now
        FROM json_to_recordset(p_corrections) AS x(i int, ordinal int, observation text, id text, sha256 text, before json, after json);
    END IF;
    IF p_changed_recommendations IS NOT NULL THEN
      UPDATE recommendations r SET status = x.status, document = x.document::json, document_bytes = x.bytes, time_micros = x.time,
          revision = r.revision + 1, position = v_head.position + x.i, stored_at = p_now,
          playbook_id = coalesce(x.playbook, r.playbook_id), window_ends_micros = coalesce(x.ends, r.window_ends_micros)
        FROM ROWS FROM (
          json_to_recordset(p_changed_recommendations) AS (i int, id text, revision int, status text, bytes int, time bigint, playbook text, ends bigint),
          string_to_table(p_changed_recommendation_documents, E'\x1e')
        ) AS x(i, id, revision, status, bytes, time, playbook, ends, document)
        CROSS JOIN LATERAL (
          SELECT k.ctid FROM recommendations k
          WHERE k.workspace_id = p_workspace AND k.recommendation_id = x.id AND k.revision = x.revision OFFSET 0
        ) k
        WHERE r.ctid = k.ctid;
      GET DIAGNOSTICS v_seen = ROW_COUNT;
      IF v_seen <> json_array_length(p_changed_recommendations) THEN
        RAISE EXCEPTION 'a recommendation changed after it was read' USING ERRCODE = 'FS001';
      END IF;
    END IF;
    IF p_moved IS NOT NULL THEN
      UPDATE observations o SET time_micros = x.time, revision = o.revision + 1
        FROM json_to_recordset(p_moved) AS x(kind text, id text, revision int, time bigint)
        WHERE x.kind = 'observation' AND o.workspace_id = p_workspace AND o.observation_id = x.id AND o.revision = x.revision;
      GET DIAGNOSTICS v_seen = ROW_COUNT;
      UPDATE recommendations r SET time_micros = x.time, revision = r.revision + 1
        FROM json_to_recordset(p_moved) AS x(kind text, id text, revision int, time bigint)
        WHERE x.kind = 'recommendation' AND r.workspace_id = p_workspace AND r.recommendation_id = x.id AND r.revision = x.revision;
      GET DIAGNOSTICS v_more = ROW_COUNT;
      IF v_seen + v_more <> json_array_length(p_moved) THEN
        RAISE EXCEPTION 'a record changed after it was read' USING ERRCODE = 'FS001';
      END IF;
    END IF;

    IF p_playbooks IS NOT NULL THEN
      INSERT INTO playbooks (workspace_id, playbook_id, active_version, updated_at, position, stored_at)
        SELECT p_workspace, x.id, x.version, x.updated, v_head.position + x.i, p_now
        FROM json_to_recordset(p_playbooks) AS x(i int, id text, revision int, version int, updated text) WHERE x.revision IS NULL;
      GET DIAGNOSTICS v_seen = ROW_COUNT;
      UPDATE playbooks p SET active_version = x.version, updated_at = x.updated, position = v_head.position + x.i, stored_at = p_now
        FROM json_to_recordset(p_playbooks) AS x(i int, id text, revision int, version int, updated text)
        WHERE p.workspace_id = p_workspace AND p.playbook_id = x.id AND p.active_version = x.revision;
      GET DIAGNOSTICS v_more = ROW_COUNT;
      IF v_seen + v_more <> json_array_length(p_playbooks) THEN
        RAISE EXCEPTION 'a playbook changed after it was read' USING ERRCODE = 'FS001';
      END IF;
      INSERT INTO playbook_versions (workspace_id, playbook_id, version, patch_id, paths, document, created_at, kind, made_by, reason, proposal)
        SELECT p_workspace, x.playbook, x.version, x.patch, ARRAY(SELECT json_array_elements_text(x.paths)), x.document, p_now, x.kind, x.by, x.reason, x.proposal
        FROM json_to_recordset(p_versions) AS x(playbook text, version int, patch text, paths json, document json, kind text, by text, reason text, proposal int);
    END IF;
    IF p_patches IS NOT NULL THEN
      INSERT INTO playbook_patches (workspace_id, patch_id, playbook_id, device_id, outcome, code, old_version, new_version, document, received_at)
        SELECT p_workspace, x.id, x.playbook, coalesce(x.by, p_device), x.outcome, x.code, x.old, x.new, x.document, p_now
        FROM json_to_recordset(p_patches) AS x(id text, playbook text, outcome text, code text, old int, new int, document json, by text);
    END IF;
    -- The device's own row before its conflicts, as a pull takes them: two calls of one device never wait for each other in
    -- a circle.
    IF p_metadata IS NOT NULL AND (p_resolved IS NOT NULL OR p_conflicts IS NOT NULL) THEN
      PERFORM FROM device_states s WHERE s.workspace_id = p_workspace AND s.device_id = p_device FOR UPDATE;
    END IF;
    -- What was resolved was so before this batch: a conflict that comes again in it opens anew.
    IF p_resolved IS NOT NULL THEN PERFORM fieldsync_resolve(p_workspace, p_device, p_now, p_resolved); END IF;
    IF p_conflicts IS NOT NULL THEN
      INSERT INTO sync_conflicts (workspace_id, conflict_id, device_id, entity_type, entity_id, code, resolution, incoming, first_seen_at, last_seen_at)
        SELECT DISTINCT ON (x.id) p_workspace, x.id, p_device, x.type, x.entity, x.code, x.resolution, x.incoming, p_now, p_now
        FROM json_to_recordset(p_conflicts) AS x(id text, type text, entity text, code text, resolution text, incoming json)
        ON CONFLICT (conflict_id, workspace_id)
        DO UPDATE SET last_seen_at = excluded.last_seen_at, resolved_at = NULL, resolved_as = NULL;
    END IF;

    IF p_positions > 0 THEN
      INSERT INTO log_commits (workspace_id, last_position, first_position, secret, committed_at)
        VALUES (p_workspace, v_end, v_head.position + 1, p_secret, p_now);
    END IF;

    v_audit_body := p_audit_prefix || (v_head.audit_seq + 1) || p_audit_suffix;
    v_audit_hash := encode(sha256(convert_to('fieldsync.audit.v1' || E'\n' || v_head.audit_hash || E'\n' || v_audit_body, 'UTF8')), 'hex');
    INSERT INTO audit_entries (workspace_id, seq, hash, body, at)
      VALUES (p_workspace, v_head.audit_seq + 1, v_audit_hash, v_audit_body, p_now);
    UPDATE workspace_heads
        SET position = v_end, audit_seq = v_head.audit_seq + 1, audit_hash = v_audit_hash, state_hash = v_state
      WHERE workspace_id = p_workspace;

    IF p_max_records IS NULL THEN
      response := p_response_start;
    ELSE
      SELECT * INTO v_down
        FROM fieldsync_downstream(p_workspace, p_position, v_head.position, v_own_end, p_max_records, p_max_bytes);
      -- What the server itself has added comes on the next page: the caller's own writes end before it (CUR-4).
      v_down.has_more := v_down.has_more OR v_own_end < v_end;
      response := p_response_start || v_down.cursor || p_response_middle
        || '{"playbook":' || v_down.playbook || ',"observations":[' || v_down.observations
        || '],"recommendations":[' || v_down.recommendations || '],"hasMore":' || v_down.has_more || v_down.rest
        || CASE WHEN v_down.has_more THEN '' ELSE ',"stateHash":"' || v_state || '"' END || '}'
        || p_response_end;
    END IF;

    IF p_metadata IS NOT NULL THEN
      PERFORM fieldsync_mark(p_workspace, p_device, p_metadata, p_metadata_micros, p_now, v_down.last_position, p_report, NULL);
    END IF;
    IF p_key IS NOT NULL THEN
      INSERT INTO sync_events (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
        VALUES (p_workspace, p_device, p_operation, p_key, p_sync_id, p_request_sha256, response, p_counts, p_now);
    END IF;
  EXCEPTION WHEN unique_violation OR SQLSTATE 'FS001' THEN
    outcome := 'stale'; response := NULL; RETURN;
  END;
  outcome := 'done';
END
$$;
