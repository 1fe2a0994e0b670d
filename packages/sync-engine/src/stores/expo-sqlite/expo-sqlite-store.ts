import type { LocalStore } from '../../core/ports/local-store.ts'
import { type SchemaStep, STORE_SCHEMA } from '../schema.ts'
import { openSqlStore } from '../sql/sql-store.ts'
import type { ExpoSqlite } from './expo-sqlite-api.ts'
import { connectExpoSqlite, expoResultCodeOf } from './expo-sqlite-connection.ts'
import { runtimeNotices } from './runtime-notifications.ts'

export type { ExpoSqlite } from './expo-sqlite-api.ts'

export type ExpoSqliteStoreOptions = {
  /** The module itself, `expo-sqlite`. */
  readonly sqlite: ExpoSqlite
  /** The file's name, as `fieldsync.db`. A second one with `-lock` behind its name lies beside it. */
  readonly databaseName: string
  /** Where the file lies; expo-sqlite's own folder unless given. */
  readonly directory?: string
}

/**
 * Opens the store in a database of expo-sqlite, on a phone.
 * @param schema for tests; every version of what is stored, oldest first
 * @throws {StoreError} `newer_schema`, `damaged`, `unavailable`, `busy`, `full`
 */
export function openExpoSqliteStore(
  { sqlite, databaseName, directory }: ExpoSqliteStoreOptions,
  schema: readonly SchemaStep[] = STORE_SCHEMA,
): Promise<LocalStore> {
  return openSqlStore(
    {
      connect: (database) =>
        connectExpoSqlite(sqlite, database === 'store' ? databaseName : `${databaseName}-lock`, directory),
      resultCode: expoResultCodeOf,
      notices: runtimeNotices(`${directory ?? ''}/${databaseName}`),
    },
    schema,
  )
}
