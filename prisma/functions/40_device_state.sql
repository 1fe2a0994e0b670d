-- What the server notes of a device at each call. Called by fieldsync_commit_all, and by packages/db/src/log/device-states.ts for pulls.

-- Takes what a device has resolved out of the work queue; ids that are unknown, of another device or resolved already
-- are passed over.
CREATE OR REPLACE FUNCTION fieldsync_resolve(p_workspace text, p_device text, p_now timestamptz, p_resolved json) RETURNS void
LANGUAGE sql VOLATILE AS $$
  UPDATE sync_conflicts c SET resolved_at = p_now, resolved_as = x.resolution
    FROM json_to_recordset(p_resolved) AS x("conflictId" text, resolution text)
    WHERE c.workspace_id = p_workspace AND c.conflict_id = x."conflictId" AND c.device_id = p_device AND c.resolved_at IS NULL
$$;

-- What devices say of themselves: metadata by last write (an older or equally old one is ignored), marks, their reports, and
-- the conflicts they have resolved. Marks of pulls are written late: what was seen later stays. A device comes once; one
-- without metadata is passed over. Device rows in one order, before their conflicts: no two of these wait for each other in a circle.
CREATE OR REPLACE FUNCTION fieldsync_mark_all(
  p_workspaces text[], p_devices text[], p_metadata json[], p_metadata_micros bigint[], p_nows timestamptz[],
  p_positions bigint[], p_reports json[], p_resolved json[]
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO device_states AS s (workspace_id, device_id, metadata, metadata_micros, last_seen_at, position, report, reported_at)
    SELECT m.workspace, m.device, m.metadata, m.micros, m.seen, m.position, m.report, CASE WHEN m.report IS NULL THEN NULL ELSE m.seen END
    FROM unnest(p_workspaces, p_devices, p_metadata, p_metadata_micros, p_nows, p_positions, p_reports)
      AS m(workspace, device, metadata, micros, seen, position, report)
    WHERE m.metadata IS NOT NULL
    ORDER BY m.workspace COLLATE "C", m.device COLLATE "C"
    ON CONFLICT (workspace_id, device_id) DO UPDATE SET
      metadata = CASE WHEN s.metadata_micros >= excluded.metadata_micros THEN s.metadata ELSE excluded.metadata END,
      metadata_micros = greatest(s.metadata_micros, excluded.metadata_micros),
      last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at),
      position = CASE WHEN excluded.position IS NULL OR s.last_seen_at > excluded.last_seen_at THEN s.position ELSE excluded.position END,
      report = CASE WHEN excluded.report IS NULL OR s.reported_at > excluded.reported_at THEN s.report ELSE excluded.report END,
      reported_at = greatest(s.reported_at, excluded.reported_at);
  IF p_resolved IS NOT NULL THEN
    PERFORM fieldsync_resolve(m.workspace, m.device, m.seen, m.resolved)
      FROM unnest(p_workspaces, p_devices, p_nows, p_resolved) AS m(workspace, device, seen, resolved)
      WHERE m.resolved IS NOT NULL;
  END IF;
END
$$;

-- The same of one device, which may come several times in one statement. One expression, so that PostgreSQL puts it in place of the call.
CREATE OR REPLACE FUNCTION fieldsync_mark(
  p_workspace text, p_device text, p_metadata json, p_metadata_micros bigint, p_now timestamptz,
  p_position bigint, p_report json, p_resolved json
) RETURNS void
LANGUAGE sql VOLATILE AS $$
  SELECT fieldsync_mark_all(ARRAY[p_workspace], ARRAY[p_device], ARRAY[p_metadata], ARRAY[p_metadata_micros], ARRAY[p_now],
    ARRAY[p_position], ARRAY[p_report], CASE WHEN p_resolved IS NOT NULL THEN ARRAY[p_resolved] END)
$$;
