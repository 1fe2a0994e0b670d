import pg from 'pg'

import { connectOnce } from '../connection/connect.ts'
import { applyMigration } from './apply-migration.ts'
import { MigrationError } from './migration-error.ts'
import { MIGRATIONS_DIR, readMigrations } from './migration-files.ts'
import { pendingMigrations } from './migration-history.ts'
import { whileAtWork } from './while-at-work.ts'

// Prisma's own advisory lock, so that its tools and this runner also exclude each other.
const MIGRATION_LOCK = 72707369
const LOCK_NOT_AVAILABLE = '55P03'
const LOCK_ANSWER_MS = 5000
const SHORT_STATEMENT_MS = 33_000

export type MigrateOptions = {
  /** Connection URL of the role that owns the schema. */
  readonly ownerUrl: string
  readonly directory?: string
  /** How long to wait for another runner, in milliseconds. */
  readonly waitMs?: number
  /** How often the database is asked whether it is still at work on a migration, milliseconds; default 10,000. */
  readonly checkEveryMs?: number
  readonly onApplied?: (name: string, elapsedMs: number) => void
  /**
   * Runs after the migrations, also when none was pending, still under the lock and in one transaction: the place
   * for idempotent grants.
   */
  readonly afterMigrate?: (owner: pg.Client) => Promise<void>
}

/**
 * Brings the database to this build's schema. Any number of servers may call it at once; one applies, the others
 * wait and find nothing left to do. The history is kept as `prisma migrate deploy` keeps it.
 * @returns the names of the migrations applied by this call.
 * @throws MigrationError when history and files do not fit, a migration fails or the wait is too long.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const {
    ownerUrl,
    directory = MIGRATIONS_DIR,
    waitMs = 60_000,
    onApplied,
    afterMigrate,
    checkEveryMs,
  } = options
  const files = await readMigrations(directory)
  await using connection = await connectOnce({ url: ownerUrl, applicationName: 'fieldsync-migrate' })
  const { client } = connection
  connection.allowSilence(waitMs + LOCK_ANSWER_MS)
  await takeLock(client, waitMs) // Given back with the session.
  connection.allowSilence(SHORT_STATEMENT_MS)
  const applied: string[] = []
  for (const file of await pendingMigrations(client, files)) {
    const started = performance.now()
    // How long it takes depends on how much is stored.
    await whileAtWork(connection, { url: ownerUrl, checkEveryMs }, () => applyMigration(client, file))
    applied.push(file.name)
    onApplied?.(file.name, performance.now() - started)
  }
  if (afterMigrate !== undefined) {
    await client.query('BEGIN')
    await afterMigrate(client)
    await client.query('COMMIT')
  }
  return applied
}

async function takeLock(client: pg.Client, waitMs: number): Promise<void> {
  await client.query(`SELECT set_config('lock_timeout', $1, false)`, [`${Math.max(1, Math.round(waitMs))}ms`])
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
  } catch (cause) {
    if (cause instanceof pg.DatabaseError && cause.code === LOCK_NOT_AVAILABLE) {
      throw new MigrationError(
        `another migration has been running for over ${waitMs} ms; try again when it is done`,
        {
          cause,
        },
      )
    }
    throw cause
  }
  await client.query('RESET lock_timeout')
}
