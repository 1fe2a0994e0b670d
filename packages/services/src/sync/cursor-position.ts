import { isStartCursor, type ServerCursor } from '@fieldsync/contracts'
import { type CursorPosition, NOWHERE } from '@fieldsync/db'

const CURSOR = /^cur1(_(\d{1,15})_[0-9a-f]{32})(_(\d{1,15})_[0-9a-f]{32})?$/

/** Reads the position out of a cursor; whether the cursor is genuine only the database knows. */
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
