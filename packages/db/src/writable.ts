import { readdir } from 'node:fs/promises'

import type { Database } from './database.ts'
import { MIGRATIONS_DIR } from './migrate/migration-files.ts'
import { inTransaction } from './transaction.ts'

/** What every commit may write to. */
const TABLES = [
  'observations',
  'observation_corrections',
  'recommendations',
  'playbooks',
  'playbook_versions',
  'playbook_patches',
  'log_commits',
  'sync_events',
  'sync_conflicts',
  'device_states',
  'audit_entries',
]
/** A short wait is ordinary; a longer one means that somebody keeps a table for himself. */
const LOCK_LIMIT = '3s'

// Inserts no row, and needs all that inserting one does: the table, the right, and its lock.
const INSERTS = TABLES.map((name) => `${name}_ AS (INSERT INTO ${name} SELECT * FROM ${name} WHERE false)`)
const PROBE = `WITH ${INSERTS.join(', ')}
  SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (
    SELECT FROM _prisma_migrations m WHERE m.migration_name = name AND m.finished_at IS NOT NULL)`

const NO_TABLE = '42P01'
const NO_COLUMN = '42703'

/** Why nothing can be written: the `tables` are locked or not permitted, or the `schema` is not that of this build. */
export class NotWritableError extends Error {
  override readonly name = 'NotWritableError'
  readonly what: 'tables' | 'schema'

  constructor(what: 'tables' | 'schema', message: string, options?: { cause: unknown }) {
    super(message, options)
    this.what = what
  }
}

let migrations: Promise<string[]> | undefined

/** The names of this build's migrations. */
const ownMigrations = (): Promise<string[]> =>
  (migrations ??= readdir(MIGRATIONS_DIR, { withFileTypes: true }).then((entries) =>
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
  ))

/**
 * Checks that the tables of the records can be written, and that the database has every migration of this build, without
 * writing a row. Further migrations of a later build are none of its business.
 * @throws NotWritableError; what the database failed with
 */
export async function checkWritable(db: Database): Promise<void> {
  const names = await ownMigrations()
  try {
    const missing = await inTransaction(db, async (connection) => {
      await connection.query(`SET LOCAL lock_timeout = '${LOCK_LIMIT}'`)
      const { rows } = await connection.query<{ name: string }>(PROBE, [names])
      return rows.map(({ name }) => name)
    })
    if (missing.length > 0)
      throw new NotWritableError('schema', `the database lacks the migration ${missing[0]}`)
  } catch (error) {
    const what = whatOf(error)
    if (!what || !(error instanceof Error)) throw error
    throw new NotWritableError(what, error.message, { cause: error })
  }
}

function whatOf(error: unknown): NotWritableError['what'] | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === NO_TABLE || code === NO_COLUMN) return 'schema'
  return code === '42501' || code === '55P03' ? 'tables' : undefined
}
