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
}

/** What has to be done to a database. */
export type Plan = {
  /** The squash by which its history is to be rewritten first, if the history is from before the squash. */
  readonly adopt: Squash | undefined
  /** Migrations to be applied, in order. */
  readonly pending: readonly SqlFile[]
}

/** Reads what was applied to the database, and changes nothing. */
export async function readHistory(client: pg.Client): Promise<History> {
  const found = await client.query<{ name: Table; found: boolean }>(
    'SELECT name, to_regclass(name) IS NOT NULL AS found FROM unnest($1::text[]) AS name',
    [Object.keys(TABLES)],
  )
  const missing = found.rows.filter((row) => !row.found).map((row) => row.name)
  if (missing.includes('_prisma_migrations')) return { rows: [], missing }
  const { rows } = await client.query<HistoryRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
  )
  return { rows, missing }
}

/** Creates the tables of this record that are missing. */
export async function createMissingTables(client: pg.Client, { missing }: History): Promise<void> {
  for (const table of missing) await client.query(TABLES[table])
}

/**
 * Compares the state of the database with this build.
 * @throws MigrationError when the two do not match: a failed, unknown, edited or skipped migration, or a database from
 * before the squash that is not at its end.
 */
export function planOf(
  rows: readonly HistoryRow[],
  files: readonly SqlFile[],
  squash: Squash | undefined,
): Plan {
  const replaced = new Map(squash?.replaced)
  const checksums = new Map([...replaced, ...files.map((file) => [file.name, file.checksum] as const)])
  for (const row of rows) {
    const checksum = checksums.get(row.migration_name)
    if (row.finished_at === null) {
      throw new MigrationError(
        `migration ${row.migration_name} was started by another tool and failed; repair the database, then mark it ` +
          'with `prisma migrate resolve`',
      )
    }
    if (checksum === undefined) {
      throw new MigrationError(
        `the database has migration ${row.migration_name}, which this build lacks; a newer server ran here, start that one`,
      )
    }
    if (checksum !== row.checksum) {
      throw new MigrationError(
        `migration ${row.migration_name} was edited after it was applied; restore the file and write a new migration`,
      )
    }
  }
  const applied = new Set(rows.map((row) => row.migration_name))
  if (squash === undefined || !rows.some((row) => replaced.has(row.migration_name))) {
    return { adopt: undefined, pending: pendingOf(files, applied) }
  }
  requireEndOf(squash, applied)
  return { adopt: squash, pending: pendingOf(files, new Set([squash.initial])) }
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
