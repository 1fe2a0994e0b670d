import type pg from 'pg'

import { recordFunctions } from './apply-functions.ts'
import { recordMigration } from './apply-migration.ts'
import { MigrationError } from './migration-error.ts'
import type { SqlFile } from './migration-files.ts'
import { inOneTransaction } from './run-sql-file.ts'
import type { Squash } from './squashed-migrations.ts'

/**
 * Rewrites the history of a database whose migrations were squashed: from then on it is like one that began with the
 * initial migration. Its tables and functions stay as they are. One transaction.
 * @throws MigrationError
 */
export async function adopt(client: pg.Client, files: readonly SqlFile[], squash: Squash): Promise<void> {
  const initial = files.find((file) => file.name === squash.initial)
  if (initial === undefined) throw new MigrationError(`migration ${squash.initial} is missing`)
  await inOneTransaction(client, `adopting the database as ${squash.initial}`, async () => {
    await client.query('DELETE FROM _prisma_migrations')
    await recordMigration(client, initial)
    await recordFunctions(client, squash.build, squash.functions)
  })
}
