/** A token of one position of the log, and the position. */
type PositionToken = { cursor: string; position: number }

/** Where a page begins: `cursor` is null at the beginning, where there is nothing to prove. */
export type CursorPosition = {
  cursor: string | null
  position: number
  /**
   * What the cursor of a page that was not the last proves beside its position: the head when it was issued (CUR-6).
   */
  head: PositionToken | null
}

/** A position no commit owns: makes the database refuse the cursor at its step, after idempotency (CUR rules). */
export const NOWHERE = -1

/**
 * An SQL condition: `cursor` is null, or the token that this history has at `position`. Written out, since PostgreSQL
 * sets up a function again for each statement.
 */
export const provesItself = (workspaceId: string, cursor: string, position: string): string =>
  `(${cursor} IS NULL OR ${cursor} IS NOT DISTINCT FROM (
      SELECT fieldsync_cursor_text(c.secret, ${position}) FROM log_commits c
      WHERE c.workspace_id = ${workspaceId} AND c.last_position >= ${position} ORDER BY c.last_position LIMIT 1
    ))`
