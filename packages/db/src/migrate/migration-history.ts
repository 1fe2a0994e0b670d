import type pg from 'pg'

import { MigrationError } from './migration-error.ts'
import type { MigrationFile } from './migration-files.ts'

// Column for column what Prisma's own `migrate deploy` makes, so that either can carry on from the other.
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`

type HistoryRow = { migration_name: string; checksum: string; finished_at: Date | null }

/**
 * Compares what the database has with what this build brings.
 * @returns the migrations still to be applied, in order.
 * @throws MigrationError when the two do not fit: a failed, unknown, edited or skipped migration.
 */
export async function pendingMigrations(
  client: pg.Client,
  files: readonly MigrationFile[],
): Promise<readonly MigrationFile[]> {
  const table = await client.query<{ found: string | null }>(
    `SELECT to_regclass('_prisma_migrations') AS found`,
  )
  if (table.rows[0]?.found == null) await client.query(CREATE_TABLE)
  const { rows } = await client.query<HistoryRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
  )

  const byName = new Map(files.map((file) => [file.name, file]))
  for (const row of rows) {
    const file = byName.get(row.migration_name)
    if (row.finished_at === null) {
      throw new MigrationError(
        `migration ${row.migration_name} was begun by another tool and failed; repair the database, then mark it ` +
          'with `prisma migrate resolve`',
      )
    }
    if (file === undefined) {
      throw new MigrationError(
        `the database has migration ${row.migration_name}, which this build lacks; a newer server ran here, start that one`,
      )
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationError(
        `migration ${row.migration_name} was edited after it was applied; restore the file and write a new migration`,
      )
    }
  }

  const applied = new Set(rows.map((row) => row.migration_name))
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
