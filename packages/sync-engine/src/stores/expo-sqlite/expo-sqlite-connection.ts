import type { SqlConnection, SqlRow } from '../sql/sql-connection.ts'
import type { ExpoSqlite, ExpoSqliteStatement } from './expo-sqlite-api.ts'

/**
 * Opens a database of expo-sqlite over a connection of its own: by default two that open the same name get the same
 * connection, and one's transaction would take in the other's statements.
 */
export async function connectExpoSqlite(
  sqlite: ExpoSqlite,
  databaseName: string,
  directory: string | undefined,
): Promise<SqlConnection> {
  const database = await sqlite.openDatabaseAsync(databaseName, { useNewConnection: true }, directory)
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
