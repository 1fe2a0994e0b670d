import { closeSync, type FSWatcher, openSync, watch } from 'node:fs'
import path from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

import type { LocalStore } from '../../core/local-store.ts'
import { type SchemaStep, STORE_SCHEMA } from '../schema.ts'
import type { SqlConnection, SqlDriver, SqlNotices, SqlRow, SqlValue } from '../sql/sql-connection.ts'
import { openSqlStore } from '../sql/sql-store.ts'

/**
 * Opens the store in a file, made if it is not there (its folder must be). Any number of processes may have it open.
 * Beside it lie SQLite's `-wal` and `-shm`, and `-lock`, the database whose lock is {@link LocalStore.exclusively}.
 * @param schema for tests; every version of what is stored, oldest first
 * @throws {StoreError} `newer_schema`, `damaged`, `unavailable`, `busy`, `full`
 */
export function openNodeSqliteStore(
  { file }: { readonly file: string },
  schema: readonly SchemaStep[] = STORE_SCHEMA,
): Promise<LocalStore> {
  return openSqlStore(nodeSqliteDriver(path.resolve(file)), schema)
}

/** @param file an absolute path */
export function nodeSqliteDriver(file: string): SqlDriver {
  return {
    connect: (database) => connectNodeSqlite(database === 'store' ? file : `${file}-lock`),
    resultCode: resultCodeOf,
    notices: fileNotices(file),
  }
}

/** Opens a database file, for its owner's eyes alone if it has to be made. */
function connectNodeSqlite(file: string): SqlConnection {
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
function resultCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return 13
  return code !== undefined && /^E[A-Z]+$/.test(code) ? 14 : undefined
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

/** How late a commit is noticed where the file system does not report it. */
const LATEST_MS = 1000
/** The log is written, then forced to the disk, and only then do others see the commit: so it is looked at several times. */
const LOOKS_MS = [0, 10, 50, 250]

/**
 * Notices by the write-ahead log: every commit, of any process, writes to it. The file system's word makes it quick;
 * a slow look now and then makes it sure. Neither keeps the process running.
 */
export function fileNotices(file: string): SqlNotices {
  const log = `${path.basename(file)}-wal`
  return {
    announce: () => {},
    subscribe: (listener) => {
      let looks: NodeJS.Timeout[] = []
      const stopLooking = (): void => looks.forEach((look) => clearTimeout(look))
      const slow = setInterval(listener, LATEST_MS).unref()
      const watcher = watchFolder(path.dirname(file), (name) => {
        if (name !== null && name !== log) return
        stopLooking()
        looks = LOOKS_MS.map((delay) => setTimeout(listener, delay).unref())
      })
      return () => {
        clearInterval(slow)
        stopLooking()
        watcher?.close()
      }
    },
  }
}

// A system may have no watches left to give; then the slow look has to do.
function watchFolder(folder: string, changed: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, (_, name) => changed(name)).on('error', () => {})
  } catch {
    return undefined
  }
}
