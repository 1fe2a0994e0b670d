import { setTimeout as delay } from 'node:timers/promises'

import type pg from 'pg'

import { connectOnce } from '../connection/connect.ts'
import { applyFunctions, changedFunctions, functionsTitle, recordFunctions } from './apply-functions.ts'
import { migrateInParts, partsOf } from './in-parts.ts'
import { MigrationError } from './migration-error.ts'
import type { SqlFile } from './migration-files.ts'
import {
  createMissingTables,
  planOf,
  readHistory,
  recordLeastBuild,
  recordMigration,
} from './migration-history.ts'
import { concurrentIndexOf, inOneTransaction, LOCK_WAIT_MS, makeIndex, runSqlFile } from './run-sql-file.ts'
import { OWN_SCHEMA, readSchema, type SchemaSource } from './schema-source.ts'
import type { Squash } from './squashed-migrations.ts'
import { whileAtWork } from './while-at-work.ts'

/** Prisma's own advisory lock, so that its tools and this runner also exclude each other. */
export const MIGRATION_LOCK = 72707369
const LOCK_EVERY_MS = 50
const SHORT_STATEMENT_MS = 33_000

export type MigrateOptions = {
  /** Connection URL of the role that owns the schema. */
  readonly ownerUrl: string
  /** Where the SQL comes from; default: this build's own. */
  readonly schema?: SchemaSource
  /** How long to wait for another runner, in milliseconds. */
  readonly waitMs?: number
  /** How often to check whether the database is still working on a migration, milliseconds; default 10,000. */
  readonly checkEveryMs?: number
  /** How long a migration waits for a lock before it lets others go first, milliseconds; default {@link LOCK_WAIT_MS}. */
  readonly lockWaitMs?: number
  /** Called for each entry of the result. */
  readonly onApplied?: (name: string, elapsedMs: number) => void
  /** Installs what brings migrations of its own, in transactions of its own, under the lock; before functions and grants. */
  readonly install?: () => Promise<void>
  /**
   * Runs after migrations and in the transaction of the functions, also when there was nothing to apply, still under the lock:
   * the place for idempotent grants.
   */
  readonly afterMigrate?: (owner: pg.Client) => Promise<void>
}

/**
 * Brings the database to this build's schema: migrations first, then the functions whose source has changed. Any number of
 * servers may call it at once; one applies, the others wait and find nothing left to do. The history of migrations is as
 * `prisma migrate deploy` writes it. A database that a newer build has given functions keeps those; one that it has
 * migrated is left as it is, where that build says that this one works on it.
 * @returns what this call applied, in order: names of migrations, `functions/<file>`, and `<name> (adopted)` where a
 * database of an earlier build now counts as one that began with the initial migration.
 * @throws MigrationError when history and files do not fit, a file fails or the wait is too long.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { ownerUrl, waitMs = 60_000, onApplied, install, afterMigrate, checkEveryMs } = options
  const { lockWaitMs = LOCK_WAIT_MS } = options
  const schema = await readSchema(options.schema ?? OWN_SCHEMA)
  await using connection = await connectOnce({ url: ownerUrl, applicationName: 'fieldsync-migrate' })
  const { client } = connection
  connection.allowSilence(SHORT_STATEMENT_MS)
  await takeLock(client, waitMs) // Released with the session.
  const applied: string[] = []
  // Its duration depends on how much is stored, and on concurrent work.
  const apply = async (names: readonly string[], work: () => Promise<void>) => {
    const started = performance.now()
    await whileAtWork(connection, { url: ownerUrl, checkEveryMs }, work)
    for (const name of names) onApplied?.(name, performance.now() - started)
    applied.push(...names)
  }

  const history = await readHistory(client)
  const { build } = schema.functions
  const {
    adopt: squash,
    pending,
    later,
  } = planOf(history, schema.migrations, { build, squash: schema.squash })
  // A later build has made the database what it is, functions and grants too.
  if (later !== undefined) return applied
  await createMissingTables(client, history)
  await recordLeastBuild(client, history, schema.leastBuild)
  if (squash !== undefined) {
    await apply([`${squash.initial} (adopted)`], () => adopt(client, schema.migrations, squash, lockWaitMs))
  }
  for (const file of pending) await apply([file.name], () => applyMigration(client, file, lockWaitMs))
  const changed = await changedFunctions(client, schema.functions)
  await install?.()
  const names = (changed ?? []).map((file) => functionsTitle(file.name))
  // Together: from the moment on which servers call a new function they have the rights that it needs.
  await apply(names, () =>
    inOneTransaction(client, { title: 'the SQL functions', lockWaitMs }, async () => {
      if (changed !== undefined) await applyFunctions(client, schema.functions, changed)
      await afterMigrate?.(client)
    }),
  )
  return applied
}

/**
 * Polls: a statement that waits for the lock holds a snapshot, and an index that another runner builds while others write waits
 * for every snapshot to end.
 */
async function takeLock(client: pg.Client, waitMs: number): Promise<void> {
  const end = performance.now() + waitMs
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
      MIGRATION_LOCK,
    ])
    if (rows[0]?.taken) return
    if (performance.now() >= end)
      throw new MigrationError(
        `another migration has been running for over ${waitMs} ms; try again when it has finished`,
      )
    await delay(LOCK_EVERY_MS)
  }
}

/**
 * Rewrites the history of a database whose migrations were squashed: from then on it is like one that began with the
 * initial migration. Its tables and functions stay as they are. One transaction.
 * @throws MigrationError
 */
async function adopt(
  client: pg.Client,
  files: readonly SqlFile[],
  squash: Squash,
  lockWaitMs: number,
): Promise<void> {
  const initial = files.find((file) => file.name === squash.initial)
  if (initial === undefined) throw new MigrationError(`migration ${squash.initial} is missing`)
  const title = `adopting the database as ${squash.initial}`
  await inOneTransaction(client, { title, lockWaitMs }, async () => {
    await client.query('DELETE FROM _prisma_migrations')
    await recordMigration(client, initial)
    await recordFunctions(client, squash.build, squash.functions)
  })
}

/**
 * Applies one migration and records it, in one transaction; an index that is made while others write, before that. Some are
 * carried out in parts.
 * @throws MigrationError with the position of the error in the file.
 */
async function applyMigration(client: pg.Client, file: SqlFile, lockWaitMs: number): Promise<void> {
  const title = `migration ${file.name}`
  const parts = await partsOf(client, file)
  if (parts !== undefined) return await migrateInParts(client, file, parts, { title, lockWaitMs })
  const index = concurrentIndexOf(file)
  if (index !== undefined) await makeIndex(client, index, file, title)
  await inOneTransaction(client, { title, lockWaitMs }, async () => {
    if (index === undefined) await runSqlFile(client, file, title)
    await recordMigration(client, file)
  })
}
