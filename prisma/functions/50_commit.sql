-- The one function through which every write of a workspace goes (docs/decisions/0002, 0044). It does in one round trip what would
-- otherwise hold the workspaces' head rows over several. Called by packages/db/src/log/commit.ts, and by fieldsync_commit.

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

-- Writes of one or several workspaces, carried out together: takes their head rows, looks again at everything the decisions were
-- based on, writes, appends to the audit chains and stores the answers, by one statement for each table. Each write takes effect
-- as a whole or not at all, and the transaction stays usable: more may follow in it.
--   p_wait: whether to wait for head rows that are held elsewhere; only for writes of one workspace, so that nobody waits in
--   a circle. Otherwise a write whose head row is held is left out.
--   p_writes: the writes, numbered from 1 in this order:
--     round: from 1, ascending; those of one round are carried out as a set, the rounds one after the other. The caller ensures
--       that no two writes are of one device, or of one record, or exclude each other in any other way, and that of one workspace
--       only the first of a round changes records: these leave the pages of those before it.
--     epoch: of the calling device; null for the system itself.
--     cursor, position; head_cursor, head_position: where the caller's page begins, and the head that its cursor proves.
--     state_delta: what the written records change in the workspace's state hash; null for nothing. secret: hex.
--     changes: how many rows it changes (p_changed_*, p_moved, p_playbooks).
--     counts: kept beside the answer; `byServer` of them: as many positions at the end of this write are the server's own
--       doing, which the caller gets on its next page.
--   p_texts: five for each write: the audit entry around its number, and the answer around its cursor and its downstream;
--     without max_records the answer is the first of its three parts.
-- In the others `w` is the number of the write that a row belongs to. Texts are joined by a record separator
-- (RFC 7464), which no JSON text holds unescaped: splitting them costs a third of reading them out of a JSON array.
--   p_guards: rows that were read and are not written, with the revision they were read at. `pending` names a playbook; its
--   revision is the newest position of its pending recommendations whose window is open (REC-19).
--   p_new_*: rows that must not exist; p_changed_*: rows with the revision they must still have; *_documents: their
--   records in the same order. `i` is a row's place among the positions of its write.
--   p_moved: rows whose effective time alone moves.
--   p_versions, p_patches: `by` is who proposed it, where that is not the caller; `kind`, `reason` and `proposal` of a
--   version that was published are null for one that a patch made.
--   outcome: held | credential | replay | key_conflict | cursor_invalid | stale | alone | done
--   stale: a row changed after it was read, or an id is erased, and nothing was written: decide again.
--   alone: some write of the round is stale, and it does not show which: nothing of the round was written, try each by itself.
-- Changed records are looked up one by one, each by its key, and then updated where they lie: the head row keeps every other
-- write out, so they stay there. While a table has no statistics yet, PostgreSQL takes it for tiny and the list of changes
-- for a thousand rows: joined with each other, it would go through the whole workspace by its index on positions, for as
-- long as it keeps that plan (docs/decisions/0011).
-- An observation without a search text gets '?', to be folded later: a server of an earlier version sends none. The playbook and
-- the end of a recommendation's window, which it does not send either, are read from the record.
CREATE OR REPLACE FUNCTION fieldsync_commit_all(
  p_wait boolean, p_writes json, p_texts text,
  p_guards json, p_moved json,
  p_new_observations json, p_new_observation_documents text,
  p_changed_observations json, p_changed_observation_documents text, p_corrections json,
  p_new_recommendations json, p_new_recommendation_documents text,
  p_changed_recommendations json, p_changed_recommendation_documents text,
  p_playbooks json, p_versions json, p_patches json, p_conflicts json
) RETURNS TABLE (n int, outcome text, response text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_texts text[] := string_to_array(p_texts, E'\x1e');
  -- By the number of the write, as it was sent.
  v_rounds int[]; v_workspaces text[]; v_devices text[]; v_epochs int[]; v_operations text[]; v_keys text[]; v_sync_ids text[];
  v_sha256s text[]; v_nows timestamptz[]; v_cursors text[]; v_positions bigint[]; v_head_cursors text[]; v_head_positions bigint[];
  v_max_records int[]; v_max_bytes int[]; v_takes int[]; v_deltas text[]; v_secrets text[]; v_changes int[];
  v_metadata json[]; v_micros bigint[]; v_reports json[]; v_resolved json[]; v_counts json[];
  -- By its number, as it comes to be: the positions that it follows, the end of its own and of the caller's.
  v_outcomes text[]; v_responses text[]; v_bases bigint[]; v_ends bigint[]; v_own_ends bigint[]; v_states text[];
  v_seqs bigint[]; v_hashes text[]; v_bodies text[]; v_page_ends bigint[]; v_marked json[];
  -- The heads that are locked, as the rounds so far have left them, and as this one would; by number of the write, which one.
  v_heads text[]; v_of int[];
  v_position bigint[]; v_seq bigint[]; v_hash text[]; v_state text[];
  n_position bigint[]; n_seq bigint[]; n_hash text[]; n_state text[];
  v_round int;
  -- Writes that nothing speaks against so far.
  v_open int[];
  v_done int[] := '{}';
  v_stale int[];
  v_erased boolean;
  v_marks boolean;
  v_seen int;
  v_rows int;
  v_row record;
  w int;
  h int;
BEGIN
  SELECT array_agg(x.round), array_agg(x.workspace), array_agg(x.device), array_agg(x.epoch), array_agg(x.operation), array_agg(x.key),
      array_agg(x.sync_id), array_agg(x.sha256), array_agg(x.now), array_agg(x.cursor), array_agg(x.position),
      array_agg(x.head_cursor), array_agg(x.head_position), array_agg(x.max_records), array_agg(x.max_bytes), array_agg(x.positions),
      array_agg(x.state_delta), array_agg(x.secret), array_agg(x.changes), array_agg(x.metadata), array_agg(x.metadata_micros),
      array_agg(x.report), array_agg(x.resolved), array_agg(x.counts)
    INTO v_rounds, v_workspaces, v_devices, v_epochs, v_operations, v_keys, v_sync_ids, v_sha256s, v_nows, v_cursors, v_positions,
      v_head_cursors, v_head_positions, v_max_records, v_max_bytes, v_takes, v_deltas, v_secrets, v_changes, v_metadata, v_micros,
      v_reports, v_resolved, v_counts
    FROM json_to_recordset(p_writes) AS x(round int, workspace text, device text, epoch int, operation text, key text, sync_id text,
      sha256 text, now timestamptz, cursor text, position bigint, head_cursor text, head_position bigint, max_records int,
      max_bytes int, positions int, state_delta text, secret text, changes int, metadata json, metadata_micros bigint,
      report json, resolved json, counts json);

  v_page_ends := array_fill(NULL::bigint, ARRAY[cardinality(v_workspaces)]);
  v_marked := array_fill(NULL::json, ARRAY[cardinality(v_workspaces)]);

  -- In the order of their ids, those that are held elsewhere left out.
  IF p_wait THEN PERFORM FROM workspace_heads WHERE workspace_id = ANY (v_workspaces) FOR UPDATE; END IF;
  SELECT array_agg(l.workspace_id), array_agg(l.position), array_agg(l.audit_seq), array_agg(l.audit_hash), array_agg(l.state_hash)
    INTO v_heads, v_position, v_seq, v_hash, v_state
    FROM (SELECT * FROM workspace_heads WHERE workspace_id = ANY (v_workspaces) ORDER BY workspace_id FOR UPDATE SKIP LOCKED) l;
  FOR w IN 1 .. cardinality(v_workspaces) LOOP
    v_of[w] := array_position(v_heads, v_workspaces[w]);
    IF v_of[w] IS NULL THEN v_outcomes[w] := 'held'; END IF;
  END LOOP;
  v_erased := EXISTS (SELECT FROM erasures e WHERE e.workspace_id = ANY (v_heads));

  -- The devices' own rows before their conflicts, as a pull takes them, and in one order: two calls of one device, and two
  -- servers with the same devices, never wait for each other in a circle.
  v_marks := p_conflicts IS NOT NULL OR array_remove(v_resolved::text[], NULL) <> '{}';
  IF v_marks THEN
    PERFORM FROM generate_subscripts(v_workspaces, 1) AS g
      JOIN device_states s ON s.workspace_id = v_workspaces[g] AND s.device_id = v_devices[g]
      WHERE v_of[g] IS NOT NULL AND v_metadata[g] IS NOT NULL
      ORDER BY s.workspace_id COLLATE "C", s.device_id COLLATE "C" FOR UPDATE OF s;
  END IF;

  FOR v_round IN 1 .. v_rounds[cardinality(v_rounds)] LOOP
    v_open := '{}';
    FOR w IN 1 .. cardinality(v_workspaces) LOOP
      IF v_rounds[w] = v_round AND v_outcomes[w] IS NULL THEN v_open := v_open || w; END IF;
    END LOOP;

    -- Credential, keys and cursor of all, in this order.
    FOR v_row IN
      SELECT judged.* FROM (
        SELECT g, k.stored,
            -- No EXISTS: PostgreSQL might answer it for all writes at once, from the whole table.
            CASE WHEN v_epochs[g] IS NOT NULL AND v_epochs[g] IS DISTINCT FROM (SELECT d.epoch FROM devices d
                WHERE d.workspace_id = v_workspaces[g] AND d.device_id = v_devices[g] AND d.revoked_at IS NULL)
              THEN 'credential'
            WHEN k.differs THEN 'key_conflict'
            WHEN k.stored IS NOT NULL THEN 'replay'
            WHEN v_cursors[g] IS NOT NULL AND v_cursors[g] IS DISTINCT FROM (
                SELECT fieldsync_cursor_text(c.secret, v_positions[g]) FROM log_commits c
                WHERE c.workspace_id = v_workspaces[g] AND c.last_position >= v_positions[g] ORDER BY c.last_position LIMIT 1)
              OR v_head_cursors[g] IS NOT NULL AND v_head_cursors[g] IS DISTINCT FROM (
                SELECT fieldsync_cursor_text(c.secret, v_head_positions[g]) FROM log_commits c
                WHERE c.workspace_id = v_workspaces[g] AND c.last_position >= v_head_positions[g] ORDER BY c.last_position LIMIT 1)
              THEN 'cursor_invalid'
            END AS verdict
        FROM unnest(v_open) AS g
        CROSS JOIN LATERAL (
          SELECT bool_or(e.request_sha256 <> v_sha256s[g]) AS differs, min(e.response) AS stored
          FROM (
            SELECT e.request_sha256, e.response FROM sync_events e
              WHERE e.workspace_id = v_workspaces[g] AND e.device_id = v_devices[g] AND e.operation = v_operations[g]
                AND e.idempotency_key IN (v_keys[g], v_sync_ids[g])
            UNION ALL
            SELECT e.request_sha256, e.response FROM sync_events e
              WHERE e.workspace_id = v_workspaces[g] AND e.device_id = v_devices[g] AND e.operation = v_operations[g]
                AND e.sync_id IN (v_keys[g], v_sync_ids[g])
          ) e
        ) k
      ) judged WHERE judged.verdict IS NOT NULL
    LOOP
      v_outcomes[v_row.g] := v_row.verdict;
      IF v_row.verdict = 'replay' THEN v_responses[v_row.g] := v_row.stored; END IF;
      v_open := array_remove(v_open, v_row.g);
    END LOOP;

    v_stale := '{}';
    IF p_guards IS NOT NULL THEN
      SELECT array_agg(g.w) INTO v_stale
        FROM json_to_recordset(p_guards) AS g(w int, kind text, id text, revision bigint)
        WHERE g.w = ANY (v_open) AND g.revision IS DISTINCT FROM CASE g.kind
          WHEN 'observation' THEN (SELECT o.revision FROM observations o WHERE o.workspace_id = v_workspaces[g.w] AND o.observation_id = g.id)
          WHEN 'recommendation' THEN (SELECT r.revision FROM recommendations r WHERE r.workspace_id = v_workspaces[g.w] AND r.recommendation_id = g.id)
          WHEN 'playbook' THEN (SELECT p.active_version FROM playbooks p WHERE p.workspace_id = v_workspaces[g.w] AND p.playbook_id = g.id)
          -- The sum keeps PostgreSQL from walking the index of all positions, from the newest to one of this playbook.
          WHEN 'pending' THEN (SELECT max(r.position + 0) FROM recommendations r
            WHERE r.workspace_id = v_workspaces[g.w] AND r.playbook_id = g.id AND r.status = 'pending_confirmation'
              AND r.window_ends_micros > (extract(epoch FROM v_nows[g.w]) * 1000000)::bigint)
        END;
    END IF;
    -- An id that was erased takes no write, ever (ERA-3): decided again, its record is refused. Most workspaces have none.
    IF v_erased THEN
      SELECT v_stale || array_agg(named.w) INTO v_stale
        FROM (
          SELECT x.w, 'observation' AS kind, x.id FROM json_to_recordset(p_new_observations) AS x(w int, id text)
          UNION ALL SELECT x.w, 'recommendation', x.id FROM json_to_recordset(p_new_recommendations) AS x(w int, id text)
          UNION ALL SELECT g.w, g.kind, g.id FROM json_to_recordset(p_guards) AS g(w int, kind text, id text, revision int)
            WHERE g.revision IS NULL
        ) named
        JOIN erasures e ON e.workspace_id = v_workspaces[named.w] AND e.entity_type = named.kind AND e.entity_id = named.id
        WHERE named.w = ANY (v_open);
    END IF;

    -- All of a round is taken back when a row turns out to have changed: a record that was taken for new is stored, a revision
    -- is not what it was. What it shows of is left out, and the others are written again.
    LOOP
      FOREACH w IN ARRAY coalesce(v_stale, '{}') LOOP
        v_outcomes[w] := 'stale';
        v_open := array_remove(v_open, w);
      END LOOP;
      EXIT WHEN v_open = '{}';

      n_position := v_position; n_seq := v_seq; n_hash := v_hash; n_state := v_state;
      v_rows := 0;
      FOREACH w IN ARRAY v_open LOOP
        h := v_of[w];
        v_bases[w] := n_position[h];
        v_ends[w] := n_position[h] + v_takes[w];
        v_own_ends[w] := v_ends[w] - coalesce((v_counts[w] ->> 'byServer')::int, 0);
        v_seqs[w] := n_seq[h] + 1;
        v_bodies[w] := v_texts[5 * w - 4] || v_seqs[w] || v_texts[5 * w - 3];
        v_hashes[w] := encode(sha256(convert_to('fieldsync.audit.v1' || E'\n' || n_hash[h] || E'\n' || v_bodies[w], 'UTF8')), 'hex');
        v_states[w] := CASE WHEN v_deltas[w] IS NULL THEN n_state[h] ELSE fieldsync_combine(n_state[h], v_deltas[w]) END;
        n_position[h] := v_ends[w]; n_seq[h] := v_seqs[w]; n_hash[h] := v_hashes[w]; n_state[h] := v_states[w];
        v_rows := v_rows + v_changes[w];
      END LOOP;

      BEGIN
        IF p_new_observations IS NOT NULL THEN
          INSERT INTO observations (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at, search_text)
            SELECT v_workspaces[x.w], x.id, x.device, x.status, x.document::json, x.bytes, x.time, 1, v_bases[x.w] + x.i, v_nows[x.w], coalesce(x.search, '?')
            FROM ROWS FROM (
              json_to_recordset(p_new_observations) AS (w int, i int, id text, device text, status text, bytes int, time bigint, search text),
              string_to_table(p_new_observation_documents, E'\x1e')
            ) AS x(w, i, id, device, status, bytes, time, search, document)
            WHERE x.w = ANY (v_open);
        END IF;
        IF p_new_recommendations IS NOT NULL THEN
          INSERT INTO recommendations (workspace_id, recommendation_id, observation_id, status, document, document_bytes, time_micros, revision, position, stored_at, playbook_id, window_ends_micros)
            SELECT v_workspaces[x.w], x.id, x.observation, x.status, x.document::json, x.bytes, x.time, 1, v_bases[x.w] + x.i, v_nows[x.w],
                coalesce(x.playbook, x.document::json ->> 'playbookId'), coalesce(x.ends, fieldsync_window_end(x.document::json))
            FROM ROWS FROM (
              json_to_recordset(p_new_recommendations) AS (w int, i int, id text, observation text, status text, bytes int, time bigint, playbook text, ends bigint),
              string_to_table(p_new_recommendation_documents, E'\x1e')
            ) AS x(w, i, id, observation, status, bytes, time, playbook, ends, document)
            WHERE x.w = ANY (v_open);
        END IF;
        IF p_changed_observations IS NOT NULL THEN
          UPDATE observations o SET status = x.status, document = x.document::json, document_bytes = x.bytes, time_micros = x.time,
              revision = o.revision + 1, position = v_bases[x.w] + x.i, stored_at = v_nows[x.w], search_text = coalesce(x.search, '?')
            FROM ROWS FROM (
              json_to_recordset(p_changed_observations) AS (w int, i int, id text, revision int, status text, bytes int, time bigint, search text),
              string_to_table(p_changed_observation_documents, E'\x1e')
            ) AS x(w, i, id, revision, status, bytes, time, search, document)
            CROSS JOIN LATERAL (
              SELECT k.ctid FROM observations k
              WHERE k.workspace_id = v_workspaces[x.w] AND k.observation_id = x.id AND k.revision = x.revision OFFSET 0
            ) k
            WHERE x.w = ANY (v_open) AND o.ctid = k.ctid;
          GET DIAGNOSTICS v_seen = ROW_COUNT;
          v_rows := v_rows - v_seen;
        END IF;
        IF p_corrections IS NOT NULL THEN
          INSERT INTO observation_corrections (workspace_id, observation_id, correction_id, position, ordinal, device_id, content_sha256, before, after, accepted_at)
            SELECT v_workspaces[x.w], x.observation, x.id, v_bases[x.w] + x.i, x.ordinal, v_devices[x.w], x.sha256, x.before, x.after, v_nows[x.w]
            FROM json_to_recordset(p_corrections) AS x(w int, i int, ordinal int, observation text, id text, sha256 text, before json, after json)
            WHERE x.w = ANY (v_open);
        END IF;
        IF p_changed_recommendations IS NOT NULL THEN
          UPDATE recommendations r SET status = x.status, document = x.document::json, document_bytes = x.bytes, time_micros = x.time,
              revision = r.revision + 1, position = v_bases[x.w] + x.i, stored_at = v_nows[x.w],
              playbook_id = coalesce(x.playbook, r.playbook_id), window_ends_micros = coalesce(x.ends, r.window_ends_micros)
            FROM ROWS FROM (
              json_to_recordset(p_changed_recommendations) AS (w int, i int, id text, revision int, status text, bytes int, time bigint, playbook text, ends bigint),
              string_to_table(p_changed_recommendation_documents, E'\x1e')
            ) AS x(w, i, id, revision, status, bytes, time, playbook, ends, document)
            CROSS JOIN LATERAL (
              SELECT k.ctid FROM recommendations k
              WHERE k.workspace_id = v_workspaces[x.w] AND k.recommendation_id = x.id AND k.revision = x.revision OFFSET 0
            ) k
            WHERE x.w = ANY (v_open) AND r.ctid = k.ctid;
          GET DIAGNOSTICS v_seen = ROW_COUNT;
          v_rows := v_rows - v_seen;
        END IF;
        IF p_moved IS NOT NULL THEN
          UPDATE observations o SET time_micros = x.time, revision = o.revision + 1
            FROM json_to_recordset(p_moved) AS x(w int, kind text, id text, revision int, time bigint)
            WHERE x.w = ANY (v_open) AND x.kind = 'observation'
              AND o.workspace_id = v_workspaces[x.w] AND o.observation_id = x.id AND o.revision = x.revision;
          GET DIAGNOSTICS v_seen = ROW_COUNT;
          v_rows := v_rows - v_seen;
          UPDATE recommendations r SET time_micros = x.time, revision = r.revision + 1
            FROM json_to_recordset(p_moved) AS x(w int, kind text, id text, revision int, time bigint)
            WHERE x.w = ANY (v_open) AND x.kind = 'recommendation'
              AND r.workspace_id = v_workspaces[x.w] AND r.recommendation_id = x.id AND r.revision = x.revision;
          GET DIAGNOSTICS v_seen = ROW_COUNT;
          v_rows := v_rows - v_seen;
        END IF;

        IF p_playbooks IS NOT NULL THEN
          INSERT INTO playbooks (workspace_id, playbook_id, active_version, updated_at, position, stored_at)
            SELECT v_workspaces[x.w], x.id, x.version, x.updated, v_bases[x.w] + x.i, v_nows[x.w]
            FROM json_to_recordset(p_playbooks) AS x(w int, i int, id text, revision int, version int, updated text)
            WHERE x.w = ANY (v_open) AND x.revision IS NULL;
          GET DIAGNOSTICS v_seen = ROW_COUNT;
          v_rows := v_rows - v_seen;
          UPDATE playbooks p SET active_version = x.version, updated_at = x.updated, position = v_bases[x.w] + x.i, stored_at = v_nows[x.w]
            FROM json_to_recordset(p_playbooks) AS x(w int, i int, id text, revision int, version int, updated text)
            WHERE x.w = ANY (v_open)
              AND p.workspace_id = v_workspaces[x.w] AND p.playbook_id = x.id AND p.active_version = x.revision;
          GET DIAGNOSTICS v_seen = ROW_COUNT;
          v_rows := v_rows - v_seen;
          INSERT INTO playbook_versions (workspace_id, playbook_id, version, patch_id, paths, document, created_at, kind, made_by, reason, proposal)
            SELECT v_workspaces[x.w], x.playbook, x.version, x.patch, ARRAY(SELECT json_array_elements_text(x.paths)), x.document, v_nows[x.w], x.kind, x.by, x.reason, x.proposal
            FROM json_to_recordset(p_versions) AS x(w int, playbook text, version int, patch text, paths json, document json, kind text, by text, reason text, proposal int)
            WHERE x.w = ANY (v_open);
        END IF;
        IF p_patches IS NOT NULL THEN
          INSERT INTO playbook_patches (workspace_id, patch_id, playbook_id, device_id, outcome, code, old_version, new_version, document, received_at)
            SELECT v_workspaces[x.w], x.id, x.playbook, coalesce(x.by, v_devices[x.w]), x.outcome, x.code, x.old, x.new, x.document, v_nows[x.w]
            FROM json_to_recordset(p_patches) AS x(w int, id text, playbook text, outcome text, code text, old int, new int, document json, by text)
            WHERE x.w = ANY (v_open);
        END IF;
        -- What was resolved was so before this batch: a conflict that comes again in it opens anew.
        IF v_marks THEN
          PERFORM fieldsync_resolve(v_workspaces[g], v_devices[g], v_nows[g], v_resolved[g])
            FROM unnest(v_open) AS g WHERE v_resolved[g] IS NOT NULL;
        END IF;
        IF p_conflicts IS NOT NULL THEN
          INSERT INTO sync_conflicts (workspace_id, conflict_id, device_id, entity_type, entity_id, code, resolution, incoming, first_seen_at, last_seen_at)
            SELECT DISTINCT ON (x.w, x.id) v_workspaces[x.w], x.id, v_devices[x.w], x.type, x.entity, x.code, x.resolution, x.incoming, v_nows[x.w], v_nows[x.w]
            FROM json_to_recordset(p_conflicts) AS x(w int, id text, type text, entity text, code text, resolution text, incoming json)
            WHERE x.w = ANY (v_open)
            ON CONFLICT (conflict_id, workspace_id)
            DO UPDATE SET last_seen_at = excluded.last_seen_at, resolved_at = NULL, resolved_as = NULL;
        END IF;
        INSERT INTO log_commits (workspace_id, last_position, first_position, secret, committed_at)
          SELECT v_workspaces[g], v_ends[g], v_bases[g] + 1, decode(v_secrets[g], 'hex'), v_nows[g] FROM unnest(v_open) AS g WHERE v_takes[g] > 0;
        IF v_rows <> 0 THEN RAISE EXCEPTION 'a row changed after it was read' USING ERRCODE = 'FS001'; END IF;
        EXIT;
      EXCEPTION WHEN unique_violation OR SQLSTATE 'FS001' THEN
        SELECT array_agg(x.w) INTO v_stale
          FROM (
            SELECT n.w, 'observation' AS kind, n.id, NULL::int AS revision FROM json_to_recordset(p_new_observations) AS n(w int, id text)
            UNION ALL SELECT n.w, 'recommendation', n.id, NULL FROM json_to_recordset(p_new_recommendations) AS n(w int, id text)
            UNION ALL SELECT c.w, 'observation', c.id, c.revision FROM json_to_recordset(p_changed_observations) AS c(w int, id text, revision int)
            UNION ALL SELECT c.w, 'recommendation', c.id, c.revision FROM json_to_recordset(p_changed_recommendations) AS c(w int, id text, revision int)
            UNION ALL SELECT m.w, m.kind, m.id, m.revision FROM json_to_recordset(p_moved) AS m(w int, kind text, id text, revision int)
          ) x
          WHERE x.w = ANY (v_open) AND x.revision IS DISTINCT FROM CASE x.kind
            WHEN 'observation' THEN (SELECT o.revision FROM observations o WHERE o.workspace_id = v_workspaces[x.w] AND o.observation_id = x.id)
            ELSE (SELECT r.revision FROM recommendations r WHERE r.workspace_id = v_workspaces[x.w] AND r.recommendation_id = x.id)
          END;
        IF v_stale IS NULL THEN
          FOREACH w IN ARRAY v_open LOOP v_outcomes[w] := CASE cardinality(v_open) WHEN 1 THEN 'stale' ELSE 'alone' END; END LOOP;
          v_open := '{}';
          EXIT;
        END IF;
      END;
    END LOOP;
    CONTINUE WHEN v_open = '{}';

    v_position := n_position; v_seq := n_seq; v_hash := n_hash; v_state := n_state;
    v_done := v_done || v_open;
    FOREACH w IN ARRAY v_open LOOP
      v_outcomes[w] := 'done';
      v_marked[w] := v_metadata[w];
      IF v_max_records[w] IS NULL THEN v_responses[w] := v_texts[5 * w - 2]; END IF;
    END LOOP;
    FOR v_row IN
      SELECT g, page.* FROM unnest(v_open) AS g
        CROSS JOIN LATERAL fieldsync_downstream(v_workspaces[g], v_positions[g], v_bases[g], v_own_ends[g], v_max_records[g], v_max_bytes[g]) page
        WHERE v_max_records[g] IS NOT NULL
    LOOP
      w := v_row.g;
      -- What the server itself has added comes on the next page: the caller's own writes end before it (CUR-4).
      v_row.has_more := v_row.has_more OR v_own_ends[w] < v_ends[w];
      v_page_ends[w] := v_row.last_position;
      v_responses[w] := v_texts[5 * w - 2] || v_row.cursor || v_texts[5 * w - 1]
        || '{"playbook":' || v_row.playbook || ',"observations":[' || v_row.observations
        || '],"recommendations":[' || v_row.recommendations || '],"hasMore":' || v_row.has_more || v_row.rest
        || CASE WHEN v_row.has_more THEN '' ELSE ',"stateHash":"' || v_states[w] || '"' END || '}'
        || v_texts[5 * w];
    END LOOP;
  END LOOP;

  IF v_done <> '{}' THEN
    INSERT INTO audit_entries (workspace_id, seq, hash, body, at)
      SELECT v_workspaces[g], v_seqs[g], v_hashes[g], v_bodies[g], v_nows[g] FROM unnest(v_done) AS g;
    UPDATE workspace_heads l SET position = v_position[g.i], audit_seq = v_seq[g.i], audit_hash = v_hash[g.i], state_hash = v_state[g.i]
      FROM unnest(v_heads) WITH ORDINALITY AS g(id, i) WHERE l.workspace_id = g.id AND l.audit_seq < v_seq[g.i];
    PERFORM fieldsync_mark_all(v_workspaces, v_devices, v_marked, v_micros, v_nows, v_page_ends, v_reports, NULL);
    INSERT INTO sync_events (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
      SELECT v_workspaces[g], v_devices[g], v_operations[g], v_keys[g], v_sync_ids[g], v_sha256s[g], v_responses[g], v_counts[g], v_nows[g]
      FROM unnest(v_done) AS g WHERE v_keys[g] IS NOT NULL;
  END IF;
  RETURN QUERY SELECT g, v_outcomes[g], v_responses[g] FROM generate_subscripts(v_workspaces, 1) AS g;
END
$$;
