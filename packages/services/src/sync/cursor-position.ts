import { isStartCursor, type ServerCursor } from '@fieldsync/contracts'

/** Where a cursor points. `cursor` is null at the beginning, where there is nothing to prove. */
export type CursorPosition = { cursor: string | null; position: number }

// A position no commit owns: makes the database refuse the cursor in its turn, after idempotency (CUR rules).
const NOWHERE = -1

/** Reads the position out of a cursor; whether the cursor is genuine only the database can tell. */
export function cursorPosition(cursor: ServerCursor): CursorPosition {
  if (isStartCursor(cursor)) return { cursor: null, position: 0 }
  const position = /^cur1_(\d{1,15})_[0-9a-f]{32}$/.exec(cursor)?.[1]
  return { cursor, position: position === undefined ? NOWHERE : Number(position) }
}
