-- The cursors of a workspace's log: what a device sends to say how far it has read (CUR-*; docs/decisions/0001).
-- Called by fieldsync_page and fieldsync_commit here, and by packages/db/src/log/cursor-proof.ts and the benchmark.

-- A cursor as text. One expression, so that PostgreSQL puts it in place of the call.
CREATE OR REPLACE FUNCTION fieldsync_cursor_text(p_secret bytea, p_position bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT 'cur1_' || p_position::text || '_' || encode(substr(sha256(p_secret || int8send(p_position)), 1, 16), 'hex')
$$;

-- The cursor of a position: its MAC is keyed by the secret of the commit that owns the position, so a forged
-- position, another workspace's cursor and a lost branch of a restored database are all unequal to it.
-- Old commits are dropped while their records stay: a position of theirs is keyed by the oldest commit that is left, so
-- that cursors given out earlier are unequal, and a page that ends at an old record still has a cursor.
-- Null past the head.
CREATE OR REPLACE FUNCTION fieldsync_cursor(p_workspace text, p_position bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT fieldsync_cursor_text(owner.secret, p_position)
  FROM (
    SELECT secret FROM log_commits
    WHERE workspace_id = p_workspace AND last_position >= p_position
    ORDER BY last_position LIMIT 1
  ) owner
$$;
