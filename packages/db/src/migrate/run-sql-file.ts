import pg from 'pg'

import { MigrationError } from './migration-error.ts'
import type { SqlFile } from './migration-files.ts'

/**
 * Runs work in one transaction: after a crash or an error at any point the database is as it was before, and the next
 * start tries again.
 * @param title what the work is called in an error, such as `migration 20260101000000_first`
 * @throws MigrationError
 */
export async function inOneTransaction(
  client: pg.Client,
  title: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await client.query('BEGIN')
    await work()
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    if (cause instanceof MigrationError) throw cause
    throw new MigrationError(`${title} failed: ${messageOf(cause)}`, { cause })
  }
}

/**
 * Runs all statements of a file in the transaction that is open.
 * @param title what the file is called in an error, such as `migration 20260101000000_first`
 * @throws MigrationError with the position of the error in the file, also when the file ends the transaction.
 */
export async function runSqlFile(client: pg.Client, file: SqlFile, title: string): Promise<void> {
  const before = await transactionId(client)
  try {
    await client.query(file.sql)
  } catch (cause) {
    throw new MigrationError(`${title} failed${placeIn(file, cause)}: ${messageOf(cause)}`, { cause })
  }
  if ((await transactionId(client)) !== before) {
    throw new MigrationError(`${title} must not begin or end transactions itself`)
  }
}

async function transactionId(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')
  return rows[0]?.id
}

function placeIn(file: SqlFile, error: unknown): string {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN
  if (!(position > 0)) return ''
  return ` at line ${file.sql.slice(0, position).split('\n').length}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
