import { randomUUID } from 'node:crypto'

import type pg from 'pg'

import { MigrationError } from './migration-error.ts'
import type { SqlFile } from './migration-files.ts'
import type { Squash } from './squashed-migrations.ts'

// The first is column for column what Prisma's own `migrate deploy` creates, so that either can continue from the
// other.
const TABLES = {
  _prisma_migrations: `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`,
  _fieldsync_functions: `CREATE TABLE IF NOT EXISTS _fieldsync_functions (
    file       TEXT PRIMARY KEY,
    checksum   VARCHAR(64) NOT NULL,
    build      INTEGER NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
  )`,
  _fieldsync_compatibility:
    'CREATE TABLE IF NOT EXISTS _fieldsync_compatibility (least_build INTEGER NOT NULL)',
}
type Table = keyof typeof TABLES

type HistoryRow = {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
}

/** What a database records about itself. */
export type History = {
  readonly rows: readonly HistoryRow[]
  /** Tables of this record that it lacks. */
  readonly missing: readonly Table[]
  /** The earliest build that works on it; undefined where no build has recorded one. */
  readonly leastBuild: number | undefined
}

/** What has to be done to a database. */
export type Plan = {
  /** The squash by which its history is to be rewritten first, if the history is from before the squash. */
  readonly adopt: Squash | undefined
  /** Migrations to be applied, in order. */
  readonly pending: readonly SqlFile[]
  /** The newest migration of a later build that works on the database as this one does; then nothing is pending. */
  readonly later: string | undefined
}

/** Reads what was applied to the database, and changes nothing. */
export async function readHistory(client: pg.Client): Promise<History> {
  const found = await client.query<{ name: Table; found: boolean }>(
    'SELECT name, to_regclass(name) IS NOT NULL AS found FROM unnest($1::text[]) AS name',
    [Object.keys(TABLES)],
  )
  const missing = found.rows.filter((row) => !row.found).map((row) => row.name)
  if (missing.includes('_prisma_migrations')) return { rows: [], missing, leastBuild: undefined }
  const { rows } = await client.query<HistoryRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
  )
  if (missing.includes('_fieldsync_compatibility')) return { rows, missing, leastBuild: undefined }
  const recorded = await client.query<{ least: number | null }>(
    'SELECT max(least_build) AS least FROM _fieldsync_compatibility',
  )
  return { rows, missing, leastBuild: recorded.rows[0]?.least ?? undefined }
}

/** Creates the tables of this record that are missing. */
export async function createMissingTables(client: pg.Client, { missing }: History): Promise<void> {
  for (const table of missing) await client.query(TABLES[table])
}

/**
 * Records the earliest build that works on what this build is about to make of the database: before its first migration,
 * so that no earlier one starts on half of them.
 */
export async function recordLeastBuild(
  client: pg.Client,
  { leastBuild }: History,
  own: number,
): Promise<void> {
  if (leastBuild !== undefined && leastBuild >= own) return
  await client.query('BEGIN')
  await storeLeastBuild(client, own)
  await client.query('COMMIT')
}

/** The same in the transaction that is open, whatever was recorded. */
export async function storeLeastBuild(client: pg.Client, own: number): Promise<void> {
  await client.query('DELETE FROM _fieldsync_compatibility')
  await client.query('INSERT INTO _fieldsync_compatibility (least_build) VALUES ($1)', [own])
}

/** Records a migration in the way Prisma records one that it has applied. */
export async function recordMigration(client: pg.Client, file: SqlFile): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, clock_timestamp(), 1)`,
    [randomUUID(), file.checksum, file.name],
  )
}

/**
 * Compares the state of the database with this build.
 * @throws MigrationError when the two do not match: a failed, edited or skipped migration, one of a later build that
 * earlier ones do not work with, or a database from before the squash that is not at its end.
 */
export function planOf(
  { rows, leastBuild }: Pick<History, 'rows' | 'leastBuild'>,
  files: readonly SqlFile[],
  { build, squash }: { build: number; squash: Squash | undefined },
): Plan {
  const replaced = new Map(squash?.replaced)
  const checksums = new Map([...replaced, ...files.map((file) => [file.name, file.checksum] as const)])
  for (const row of rows) requireSame(row, checksums.get(row.migration_name))
  const later = rows.findLast((row) => !checksums.has(row.migration_name))?.migration_name
  if (later !== undefined && (leastBuild === undefined || leastBuild > build)) {
    throw new MigrationError(
      `the database has migration ${later}, which this build lacks; a newer server ran here, start that one`,
    )
  }
  const applied = new Set(rows.map((row) => row.migration_name))
  const adopts = squash !== undefined && rows.some((row) => replaced.has(row.migration_name))
  if (adopts) requireEndOf(squash, applied)
  const pending = pendingOf(files, adopts ? new Set([squash.initial]) : applied)
  const [first] = pending
  if (later !== undefined && first !== undefined) {
    throw new MigrationError(
      `the database has migration ${later}, which this build lacks, and lacks ${first.name} of this build; restore a backup`,
    )
  }
  return { adopt: adopts ? squash : undefined, pending, later }
}

function requireSame(row: HistoryRow, checksum: string | undefined): void {
  if (row.finished_at === null) {
    throw new MigrationError(
      `migration ${row.migration_name} was started by another tool and failed; repair the database, then mark it ` +
        'with `prisma migrate resolve`',
    )
  }
  if (checksum !== undefined && checksum !== row.checksum) {
    throw new MigrationError(
      `migration ${row.migration_name} was edited after it was applied; restore the file and write a new migration`,
    )
  }
}

function requireEndOf(squash: Squash, applied: ReadonlySet<string>): void {
  const names = squash.replaced.map(([name]) => name)
  const later = [...applied].find((name) => !names.includes(name))
  if (later !== undefined) {
    throw new MigrationError(
      `the database has migration ${later} beside those that ${squash.initial} replaced; restore a backup`,
    )
  }
  if (names.every((name) => applied.has(name))) return
  throw new MigrationError(
    `the database belongs to an earlier build, at migration ${names.findLast((name) => applied.has(name)) ?? ''}; this build ` +
      `continues from ${names.at(-1) ?? ''}. First start ${squash.lastBuild} once, then this one`,
  )
}

function pendingOf(files: readonly SqlFile[], applied: ReadonlySet<string>): readonly SqlFile[] {
  const pending = files.filter((file) => !applied.has(file.name))
  const lastApplied = files.findLast((file) => applied.has(file.name))
  const late = pending.find((file) => lastApplied !== undefined && file.name < lastApplied.name)
  if (late !== undefined) {
    throw new MigrationError(
      `migration ${late.name} sorts before ${lastApplied?.name ?? ''}, which is applied already; give it a later name`,
    )
  }
  return pending
}
