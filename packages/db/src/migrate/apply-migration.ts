import { randomUUID } from 'node:crypto'

import type pg from 'pg'

import type { SqlFile } from './migration-files.ts'
import { inOneTransaction, runSqlFile } from './run-sql-file.ts'

/**
 * Applies one migration and records it, in one transaction.
 * @throws MigrationError with the position of the error in the file.
 */
export async function applyMigration(client: pg.Client, file: SqlFile): Promise<void> {
  const title = `migration ${file.name}`
  await inOneTransaction(client, title, async () => {
    await runSqlFile(client, file, title)
    await recordMigration(client, file)
  })
}

/** Records a migration in the way Prisma records one that it has applied. */
export async function recordMigration(client: pg.Client, file: SqlFile): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, clock_timestamp(), 1)`,
    [randomUUID(), file.checksum, file.name],
  )
}
