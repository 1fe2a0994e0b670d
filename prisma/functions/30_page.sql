-- Pages of a workspace's log: what changed after a position. fieldsync_page is called by packages/db/src/log/pull.ts, which
-- reads the records of the page itself; fieldsync_downstream by fieldsync_commit.

-- Which part of the log one page holds, without its records: a reader that can take them row by row is spared one text
-- of a megabyte, which costs PostgreSQL five times what the rows do. Records are counted and weighed first and read after,
-- so that a page never holds more than it sends; it ends with the record that reaches a limit, so it always holds at least
-- one. One statement, which PostgreSQL puts in place of the call: setting up a function costs more than what this one reads.
--   p_after: the page begins behind it; p_upto: the last position whose records count; p_end: where the page ends if
--   nothing is left out: the head, beyond p_upto by the caller's own writes.
--   playbook: an object, or null; rest: more members of the answer.
--   last_record: of the page's last observation or recommendation, null without one; last_position: where the next page
--   begins; cursor: its token.
-- A cursor that does not stand at the head has the head's behind it, without its beginning: it is genuine where both are.
-- Its own position may lie before a backup that its page was read after: that page left out what had moved on by then,
-- and the device's own writes, and nothing at this position tells of them.
CREATE OR REPLACE FUNCTION fieldsync_page(
  p_workspace text, p_after bigint, p_upto bigint, p_end bigint, p_max_records int, p_max_bytes int
) RETURNS TABLE (
  playbook text, rest text, last_record bigint, last_position bigint, has_more boolean, cursor text
)
LANGUAGE sql STABLE AS $$
  SELECT
      -- The workspace's playbook, the one changed last; and the whole documents of this page, always with those that the
      -- caller's own writes changed.
      coalesce((
        SELECT '{"playbookId":' || to_json(p.playbook_id) || ',"version":' || p.active_version
               || ',"updatedAt":' || to_json(p.updated_at) || '}'
        FROM playbooks p WHERE p.workspace_id = p_workspace ORDER BY p.position DESC LIMIT 1
      ), 'null'),
      coalesce((
        SELECT ',"playbooks":[' || string_agg(v.document::text, ',' ORDER BY p.position) || ']'
        FROM playbooks p
        JOIN playbook_versions v
          ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = p.active_version
        WHERE p.workspace_id = p_workspace AND p.position > p_after
          AND (p.position <= page.ends_at OR p.position > p_upto)
      ), '') || coalesce((
        SELECT ',"deleted":[' || string_agg(
                 '{"entityType":' || to_json(t.entity_type) || ',"entityId":' || to_json(t.entity_id)
                 || ',"at":"' || to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}', ',' ORDER BY t.position) || ']'
        FROM tombstones t
        WHERE t.workspace_id = p_workspace AND t.position > p_after AND t.position <= least(page.ends_at, p_upto)
      ), ''),
      page.last_record,
      page.ends_at,
      page.more,
      (SELECT fieldsync_cursor_text(c.secret, page.ends_at) FROM log_commits c
        WHERE c.workspace_id = p_workspace AND c.last_position >= page.ends_at ORDER BY c.last_position LIMIT 1)
      || CASE WHEN page.more THEN
        (SELECT substr(fieldsync_cursor_text(c.secret, p_end), 5) FROM log_commits c
          WHERE c.workspace_id = p_workspace AND c.last_position >= p_end ORDER BY c.last_position LIMIT 1)
      ELSE '' END
  FROM (
      SELECT fitting.last_record, fitting.more, CASE WHEN fitting.more THEN fitting.last_record ELSE p_end END AS ends_at
      FROM (
        SELECT max(weighed.position) FILTER (WHERE weighed.fits) AS last_record,
               coalesce(bool_or(NOT weighed.fits), false) AS more
        FROM (
          SELECT k.position,
                 row_number() OVER so_far <= p_max_records AND sum(k.bytes) OVER so_far - k.bytes < p_max_bytes AS fits
          FROM (
            (SELECT o.position, o.document_bytes AS bytes FROM observations o
              WHERE o.workspace_id = p_workspace AND o.position > p_after AND o.position <= p_upto
              ORDER BY o.position LIMIT p_max_records + 1)
            UNION ALL
            (SELECT r.position, r.document_bytes FROM recommendations r
              WHERE r.workspace_id = p_workspace AND r.position > p_after AND r.position <= p_upto
              ORDER BY r.position LIMIT p_max_records + 1)
          ) k
          WINDOW so_far AS (ORDER BY k.position ROWS UNBOUNDED PRECEDING)
        ) weighed
      ) fitting
    ) page
$$;

-- A page as JSON texts to be joined by the caller, for an answer that is put together and stored where the batch is
-- written: `playbook` an object, the record lists without brackets, `rest` more members.
CREATE OR REPLACE FUNCTION fieldsync_downstream(
  p_workspace text, p_after bigint, p_upto bigint, p_end bigint, p_max_records int, p_max_bytes int
) RETURNS TABLE (
  playbook text, observations text, recommendations text, rest text,
  last_position bigint, has_more boolean, cursor text
)
LANGUAGE sql STABLE AS $$
  SELECT
      page.playbook,
      coalesce((
        SELECT string_agg(o.document::text, ',' ORDER BY o.position) FROM observations o
        WHERE o.workspace_id = p_workspace AND o.position > p_after AND o.position <= page.last_record
      ), ''),
      coalesce((
        SELECT string_agg(r.document::text, ',' ORDER BY r.position) FROM recommendations r
        WHERE r.workspace_id = p_workspace AND r.position > p_after AND r.position <= page.last_record
      ), ''),
      page.rest, page.last_position, page.has_more, page.cursor
  FROM fieldsync_page(p_workspace, p_after, p_upto, p_end, p_max_records, p_max_bytes) page
$$;
