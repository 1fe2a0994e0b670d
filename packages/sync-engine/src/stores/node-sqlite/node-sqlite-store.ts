import path from 'node:path'

import type { LocalStore } from '../../core/ports/local-store.ts'
import { type SchemaStep, STORE_SCHEMA } from '../schema.ts'
import type { SqlDriver } from '../sql/sql-connection.ts'
import { openSqlStore } from '../sql/sql-store.ts'
import { fileNotices } from './file-notifications.ts'
import { connectNodeSqlite, resultCodeOf } from './node-sqlite-connection.ts'

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
