import { StoreError } from '../../core/local-store.ts'
import { newerSchema, type SchemaStep } from '../schema.ts'
import { runTransaction } from '../transaction/run-transaction.ts'
import type { SqlDatabase } from './sql-database.ts'
import { createTable } from './sql-statements.ts'
import { SqlTransaction } from './sql-transaction.ts'

/** Marks a database file as one of ours, in the place that SQLite has for that ("Fsyn" in ASCII). */
const APPLICATION_ID = 0x46_73_79_6e

/** A number that SQLite keeps for its users, or of its own. */
export async function pragma(
  database: SqlDatabase,
  name: 'user_version' | 'application_id' | 'data_version',
): Promise<number> {
  const [row] = await database.allWhenFree(`PRAGMA ${name}`)
  return Number(row?.[name])
}

/** @throws {StoreError} `newer_schema` when a newer version of the app has migrated the store (STO-11) */
export async function refuseNewer(database: SqlDatabase, schema: readonly SchemaStep[]): Promise<number> {
  const found = await pragma(database, 'user_version')
  if (found > schema.length) throw newerSchema(found, schema.length)
  return found
}

/**
 * Looks whether a database is ours, or still nobody's, before anything is changed in it.
 * @throws {StoreError} `damaged` for another program's, `newer_schema`
 */
export async function recognize(database: SqlDatabase, schema: readonly SchemaStep[]): Promise<void> {
  await database.all('BEGIN')
  try {
    const mark = await pragma(database, 'application_id')
    if (mark !== APPLICATION_ID && (mark !== 0 || (await hasTables(database)))) {
      throw new StoreError('damaged', 'the database belongs to another program; nothing was changed')
    }
    await refuseNewer(database, schema)
  } finally {
    await database.all('COMMIT')
  }
}

async function hasTables(database: SqlDatabase): Promise<boolean> {
  return (await database.all('SELECT name FROM sqlite_schema LIMIT 1')).length > 0
}

/**
 * Takes the steps that the store lacks, for a new one all of them: in one transaction, so that the version before stays
 * whole when one of them fails or the process dies (STO-10).
 */
export async function migrate(database: SqlDatabase, schema: readonly SchemaStep[]): Promise<void> {
  if ((await refuseNewer(database, schema)) === schema.length) return
  await database.allWhenFree('BEGIN IMMEDIATE')
  try {
    // Another process may have been faster.
    const version = await refuseNewer(database, schema)
    for (const { creates, rewrite } of schema.slice(version)) {
      for (const table of creates) await database.all(createTable(table))
      if (rewrite !== undefined) await runTransaction(new SqlTransaction(database), rewrite)
    }
    await database.all(`PRAGMA application_id = ${APPLICATION_ID}`)
    await database.all(`PRAGMA user_version = ${schema.length}`)
    await database.all('COMMIT')
  } catch (error) {
    await database.all('ROLLBACK').catch(() => {})
    throw error
  }
}
