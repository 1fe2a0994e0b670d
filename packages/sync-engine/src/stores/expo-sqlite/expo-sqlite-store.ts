import type { LocalStore } from '../../core/local-store.ts'
import { type SchemaStep, STORE_SCHEMA } from '../schema.ts'
import type { SqlConnection, SqlNotices, SqlRow } from '../sql/sql-connection.ts'
import { openSqlStore } from '../sql/sql-store.ts'
import { encryptedStore, type StoreEncryption, type StoreLocation, unlock } from './encryption.ts'
import type { ExpoSqlite, ExpoSqliteStatement } from './expo-sqlite-api.ts'

export { encryptedName, type StoreEncryption, storeFiles, unlock } from './encryption.ts'
export type { ExpoSqlite } from './expo-sqlite-api.ts'

type ExpoSqliteStoreOptions = {
  /** The module itself, `expo-sqlite`. */
  readonly sqlite: ExpoSqlite
  /** The file's name, as `fieldsync.db`. A second one with `-lock` behind its name lies beside it. */
  readonly databaseName: string
  /** Where the file lies; expo-sqlite's own folder unless given. */
  readonly directory?: string
  /** Keeps the store encrypted (STO-17); without it, one that a build has encrypted would not be found. */
  readonly encryption?: StoreEncryption
}

/**
 * Opens the store in a database of expo-sqlite, on a phone.
 * @param schema for tests; every version of what is stored, oldest first
 * @throws {StoreError} `newer_schema`, `damaged`, `unavailable`, `busy`, `full`, `locked`
 */
export async function openExpoSqliteStore(
  { sqlite, databaseName, directory, encryption }: ExpoSqliteStoreOptions,
  schema: readonly SchemaStep[] = STORE_SCHEMA,
): Promise<LocalStore> {
  const store =
    encryption === undefined
      ? { databaseName, key: null }
      : await encryptedStore({ sqlite, databaseName, directory, encryption })
  return await openSqlStore(
    {
      connect: (database) =>
        connectExpoSqlite(
          sqlite,
          // The lock's database never contains anything.
          database === 'store' ? store : { databaseName: `${databaseName}-lock`, key: null },
          directory,
        ),
      resultCode: expoResultCodeOf,
      notices: runtimeNotices(`${directory ?? ''}/${databaseName}`),
    },
    schema,
  )
}

/**
 * Opens a database of expo-sqlite over a connection of its own: by default two that open the same name get the same
 * connection, and one's transaction would take in the other's statements.
 */
async function connectExpoSqlite(
  sqlite: ExpoSqlite,
  { databaseName, key }: StoreLocation,
  directory: string | undefined,
): Promise<SqlConnection> {
  const database = await sqlite.openDatabaseAsync(databaseName, { useNewConnection: true }, directory)
  if (key !== null) {
    try {
      await unlock(database, key)
    } catch (error) {
      await database.closeAsync()
      throw error
    }
  }
  const statements = new Map<string, Promise<ExpoSqliteStatement>>()
  const prepared = (sql: string): Promise<ExpoSqliteStatement> => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const fresh = database.prepareAsync(sql)
    statements.set(sql, fresh)
    fresh.catch(() => statements.delete(sql))
    return fresh
  }
  return {
    all: async (sql, parameters = []) => {
      const statement = await prepared(sql)
      try {
        const result = await statement.executeAsync([...parameters])
        return (await result.getAllAsync()) as SqlRow[] // rows are objects by column name
      } catch (error) {
        // One that failed because of a lock is still under way for SQLite, and nothing could be committed beside it.
        statements.delete(sql)
        await dispose(statement)
        throw error
      }
    },
    close: async () => {
      for (const statement of statements.values()) await dispose(await statement)
      await database.closeAsync()
    },
  }
}

async function dispose(statement: ExpoSqliteStatement): Promise<void> {
  try {
    await statement.finalizeAsync()
  } catch {
    // A statement whose last run failed says so once more when it is finalized, and is.
  }
}

/**
 * SQLite's result code of an error by expo-sqlite. It stands only in the message: on iOS in digits, on Android as the
 * character of that number.
 */
export function expoResultCodeOf(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : ''
  const found = /Error code (?:(\d+)|([\s\S])): /.exec(message)
  if (found === null) return undefined
  return found[1] === undefined ? found[2]?.codePointAt(0) : Number(found[1]) & 0xff
}

type Room = Set<() => void>

// By database. An app is one process with one JavaScript runtime, so all who can have it open are in here.
const rooms = new Map<string, Room>()

/** Notices between the stores of one JavaScript runtime. */
function runtimeNotices(database: string): SqlNotices {
  return {
    announce: () => {
      for (const listener of rooms.get(database) ?? []) listener()
    },
    subscribe: (listener) => {
      const room = rooms.get(database) ?? new Set()
      rooms.set(database, room.add(listener))
      return () => void room.delete(listener)
    },
  }
}
