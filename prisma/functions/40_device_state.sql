-- What the server notes of a device at each call. Called by fieldsync_commit, and by packages/db/src/log/device-states.ts for pulls.

-- Takes what a device has resolved out of the work queue; ids that are unknown, of another device or resolved already
-- are passed over.
CREATE OR REPLACE FUNCTION fieldsync_resolve(p_workspace text, p_device text, p_now timestamptz, p_resolved json) RETURNS void
LANGUAGE sql VOLATILE AS $$
  UPDATE sync_conflicts c SET resolved_at = p_now, resolved_as = x.resolution
    FROM json_to_recordset(p_resolved) AS x("conflictId" text, resolution text)
    WHERE c.workspace_id = p_workspace AND c.conflict_id = x."conflictId" AND c.device_id = p_device AND c.resolved_at IS NULL
$$;

-- What a device says of itself: metadata by last write (an older or equally old one is ignored), marks, its report, and
-- the conflicts it has resolved. Marks of pulls are written late: what was seen later stays.
CREATE OR REPLACE FUNCTION fieldsync_mark(
  p_workspace text, p_device text, p_metadata json, p_metadata_micros bigint, p_now timestamptz,
  p_position bigint, p_report json, p_resolved json
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO device_states AS s (workspace_id, device_id, metadata, metadata_micros, last_seen_at, position, report, reported_at)
    VALUES (p_workspace, p_device, p_metadata, p_metadata_micros, p_now, p_position, p_report,
            CASE WHEN p_report IS NULL THEN NULL ELSE p_now END)
    ON CONFLICT (workspace_id, device_id) DO UPDATE SET
      metadata = CASE WHEN s.metadata_micros >= excluded.metadata_micros THEN s.metadata ELSE excluded.metadata END,
      metadata_micros = greatest(s.metadata_micros, excluded.metadata_micros),
      last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at),
      position = CASE WHEN excluded.position IS NULL OR s.last_seen_at > excluded.last_seen_at THEN s.position ELSE excluded.position END,
      report = CASE WHEN excluded.report IS NULL OR s.reported_at > excluded.reported_at THEN s.report ELSE excluded.report END,
      reported_at = greatest(s.reported_at, excluded.reported_at);
  IF p_resolved IS NOT NULL THEN PERFORM fieldsync_resolve(p_workspace, p_device, p_now, p_resolved); END IF;
END
$$;
