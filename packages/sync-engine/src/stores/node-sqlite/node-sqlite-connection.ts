import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

import type { SqlConnection, SqlRow, SqlValue } from '../sql/sql-connection.ts'

/** Opens a database file, for its owner's eyes alone if it has to be made. */
export function connectNodeSqlite(file: string): SqlConnection {
  makePrivately(file)
  const database = new DatabaseSync(file)
  const statements = new Map<string, StatementSync>()
  return {
    all: (sql: string, parameters: readonly SqlValue[] = []): readonly SqlRow[] => {
      const statement = statements.get(sql) ?? database.prepare(sql)
      statements.set(sql, statement)
      return statement.all(...parameters)
    },
    close: () => database.close(),
  }
}

// Only a file that is not there yet may be opened by another way than SQLite's own: closing it would drop the locks
// that this process has on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
function makePrivately(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** SQLite's primary result code of an error by `node:sqlite`, or SQLITE_CANTOPEN where the file system refused. */
export function resultCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return 13
  return code !== undefined && /^E[A-Z]+$/.test(code) ? 14 : undefined
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
