import pg from 'pg'

import { applyMigration } from './apply-migration.ts'
import { MigrationError } from './migration-error.ts'
import { MIGRATIONS_DIR, readMigrations } from './migration-files.ts'
import { pendingMigrations } from './migration-history.ts'

// Prisma's own advisory lock, so that its tools and this runner also exclude each other.
const MIGRATION_LOCK = 72707369
const LOCK_NOT_AVAILABLE = '55P03'

export type MigrateOptions = {
  /** Connection URL of the role that owns the schema. */
  readonly ownerUrl: string
  readonly directory?: string
  /** How long to wait for another runner, in milliseconds. */
  readonly waitMs?: number
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
  const { ownerUrl, directory = MIGRATIONS_DIR, waitMs = 60_000, onApplied, afterMigrate } = options
  const files = await readMigrations(directory)
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'fieldsync-migrate' })
  client.on('error', () => undefined) // A lost connection also rejects the query under way.
  await client.connect()
  try {
    await takeLock(client, waitMs)
    const applied: string[] = []
    for (const file of await pendingMigrations(client, files)) {
      const begun = performance.now()
      await applyMigration(client, file)
      applied.push(file.name)
      onApplied?.(file.name, performance.now() - begun)
    }
    if (afterMigrate !== undefined) {
      await client.query('BEGIN')
      await afterMigrate(client)
      await client.query('COMMIT')
    }
    return applied
  } finally {
    await client.end().catch(() => undefined) // Gives the session's lock back.
  }
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
