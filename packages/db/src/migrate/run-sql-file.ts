import { setTimeout as delay } from 'node:timers/promises'

import pg from 'pg'

import { MigrationError } from './migration-error.ts'
import type { SqlFile } from './migration-files.ts'

const LOCK_NOT_AVAILABLE = '55P03'
/** How often a transaction is tried whose locks others have; with its waits a minute or two. */
const LOCK_ATTEMPTS = 20
const PAUSE_MS = 2000

/** How long a migration may wait for a lock: so long do all wait that want the same table after it. */
export const LOCK_WAIT_MS = 3000

/**
 * Runs work in one transaction: after a crash or an error at any point the database is as it was before, and the next
 * start tries again. Where others use a table for longer than `lockWaitMs`, it lets all go first that have come meanwhile, and
 * tries again.
 * @param title what the work is called in an error, such as `migration 20260101000000_first`
 * @throws MigrationError
 */
export async function inOneTransaction(
  client: pg.Client,
  { title, lockWaitMs }: { title: string; lockWaitMs: number },
  work: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('BEGIN')
      await client.query(`SET LOCAL lock_timeout = ${lockWaitMs}`)
      await work()
      await client.query('COMMIT')
      return
    } catch (cause) {
      await client.query('ROLLBACK').catch(() => undefined)
      if (attempt < LOCK_ATTEMPTS && isLockedOut(cause)) await delay(Math.min(PAUSE_MS, lockWaitMs))
      else if (cause instanceof MigrationError) throw cause
      else throw new MigrationError(`${title} failed: ${messageOf(cause)}`, { cause })
    }
  }
}

function isLockedOut(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === LOCK_NOT_AVAILABLE
  return error instanceof MigrationError && isLockedOut(error.cause)
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

const CONCURRENT_INDEX = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS "?(\w+)"? ON [^;]+;?$/

/** The index that a file of a single `CREATE INDEX CONCURRENTLY IF NOT EXISTS` makes; undefined for any other file. */
export const concurrentIndexOf = ({ sql }: SqlFile): string | undefined =>
  CONCURRENT_INDEX.exec(sql.replaceAll(/--.*$/gmu, '').trim())?.[1]

/**
 * Makes an index while others write, which PostgreSQL does outside of transactions alone. What an attempt that was
 * interrupted has left, which no query uses, goes first.
 * @throws MigrationError
 */
export async function makeIndex(
  client: pg.Client,
  index: string,
  file: SqlFile,
  title: string,
): Promise<void> {
  try {
    const left = await client.query(
      'SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
      [index],
    )
    if (left.rowCount !== 0) await client.query(`DROP INDEX CONCURRENTLY ${client.escapeIdentifier(index)}`)
    await client.query(file.sql)
  } catch (cause) {
    throw new MigrationError(`${title} failed${placeIn(file, cause)}: ${messageOf(cause)}`, { cause })
  }
}
