import { isStartCursor, type ServerCursor } from '@fieldsync/contracts'

/** A token of one position, and the position. */
export type PositionToken = { cursor: string; position: number }

/**
 * Where a cursor points. `cursor` is null at the beginning, where there is nothing to prove. The cursor of a page that
 * was not the last also proves `head`, the end of the log when it was given out (CUR-6); null for any other.
 */
export type CursorPosition = { cursor: string | null; position: number; head: PositionToken | null }

// A position no commit owns: makes the database refuse the cursor in its turn, after idempotency (CUR rules).
const NOWHERE = -1

const CURSOR = /^cur1(_(\d{1,15})_[0-9a-f]{32})(_(\d{1,15})_[0-9a-f]{32})?$/

/** Reads the position out of a cursor; whether the cursor is genuine only the database can tell. */
export function cursorPosition(cursor: ServerCursor): CursorPosition {
  if (isStartCursor(cursor)) return { cursor: null, position: 0, head: null }
  const [, own, position, head, headPosition] = CURSOR.exec(cursor) ?? []
  if (own === undefined) return { cursor, position: NOWHERE, head: null }
  return {
    cursor: `cur1${own}`,
    position: Number(position),
    head: head === undefined ? null : { cursor: `cur1${head}`, position: Number(headPosition) },
  }
}

/** The same for a cursor whose head is not of this history: nothing of it is. */
export const nowhere = ({ cursor }: CursorPosition): CursorPosition => ({
  cursor,
  position: NOWHERE,
  head: null,
})
