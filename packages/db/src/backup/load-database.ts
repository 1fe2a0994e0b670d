import { pipeline } from 'node:stream/promises'

import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

import { connectOnce } from '../connection/connect.ts'
import { installQueue } from '../jobs/install-queue.ts'
import { applyFunctions } from '../migrate/apply-functions.ts'
import { MIGRATION_LOCK } from '../migrate/migrate.ts'
import type { SqlFile } from '../migrate/migration-files.ts'
import {
  createMissingTables,
  type History,
  recordMigration,
  storeLeastBuild,
} from '../migrate/migration-history.ts'
import { concurrentIndexOf, runSqlFile } from '../migrate/run-sql-file.ts'
import { OWN_SCHEMA, readSchema, type Schema, type SchemaSource } from '../migrate/schema-source.ts'
import type { DatabaseDescription, TablePart } from './dump-database.ts'
import { beginRestore } from './restore-record.ts'
import { addLoadedJobs, createJobsTable, JOBS } from './stored-jobs.ts'
import { readStoredTables, type StoredTable } from './stored-tables.ts'

/** A backup cannot be loaded into this database; nothing has been changed. The message says why, for the operator. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
}

export type LoadOptions = {
  /** Of the role that owns the tables, or that is to own them. */
  readonly ownerUrl: string
  readonly description: DatabaseDescription
  /** Identifies the backup in the database until {@link finishRestore}. */
  readonly backupId: string
  /**
   * Takes the rows to the database, part by part, and checks them: what it throws undoes everything.
   * @param add loads one part
   */
  readonly fill: (add: (part: TablePart) => Promise<void>) => Promise<void>
  /** Where the SQL of the schema is; default: this build's own. */
  readonly schema?: SchemaSource
}

const SILENCE_MS = 10 * 60_000
const LOCK_LIMIT = '5s'

/**
 * Loads a backup into an empty database, in one transaction (BAK-5): it has everything afterwards, or is as it was. The tables are
 * created as the backup had them, and then brought to this build by its later migrations, which convert what they have to.
 *
 * @throws LoadError where the database is not empty, or where the backup is of a later build or of none; what `fill` throws
 */
export async function loadDatabase({
  ownerUrl,
  description,
  backupId,
  fill,
  schema: source = OWN_SCHEMA,
}: LoadOptions): Promise<void> {
  const schema = await readSchema(source)
  const later = migrationsAfter(schema, description.migrations)
  await using connection = await connectOnce({
    url: ownerUrl,
    applicationName: 'fieldsync-restore',
    silenceMs: SILENCE_MS,
  })
  const { client } = connection
  // In transactions of its own, and harmless where the rest fails.
  await installQueue(ownerUrl)
  await client.query('BEGIN')
  await client.query(`SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL lock_timeout = '${LOCK_LIMIT}'`)
  await removeEmptyTables(client)
  await createMissingTables(client, NEW)
  await storeLeastBuild(client, schema.leastBuild)
  for (const file of schema.migrations.filter((each) => !later.includes(each)))
    await runMigration(client, file)
  await createJobsTable(client)
  const tables = new Map([...(await readStoredTables(client)), JOBS].map((table) => [table.name, table]))
  const loaded = new Map(description.tables.map((table) => [table.name, copyInto(client, tables, table)]))
  await fill(async ({ table, bytes }) => {
    const statement = loaded.get(table)
    if (statement === undefined)
      throw new LoadError(`the backup has rows of ${table}, which it does not describe`)
    await pipeline([bytes], client.query(copyFrom(statement)))
  })
  await advanceSequences(client)
  await addLoadedJobs(client)
  for (const file of later) await runMigration(client, file)
  await applyFunctions(client, schema.functions, schema.functions.files)
  await beginRestore(client, backupId)
  await client.query('COMMIT')
  // Plans of the first minutes need to know the sizes.
  await client.query('ANALYZE')
}

/** What a database without tables records about itself. */
const NEW: History = {
  rows: [],
  missing: ['_prisma_migrations', '_fieldsync_functions', '_fieldsync_compatibility'],
  leastBuild: undefined,
}

/** Runs a migration; nobody else uses the tables, so an index needs no other transaction. @throws MigrationError */
async function runMigration(client: pg.Client, file: SqlFile): Promise<void> {
  const isIndex = concurrentIndexOf(file) !== undefined
  const sql = isIndex ? file.sql.replace(' CONCURRENTLY', '') : file.sql
  await runSqlFile(client, { ...file, sql }, `migration ${file.name}`)
  await recordMigration(client, file)
}

/** The migrations of this build that a backup does not have. @throws LoadError */
function migrationsAfter({ migrations }: Schema, ofBackup: readonly string[]): readonly SqlFile[] {
  const known = migrations.map(({ name }) => name)
  const unknown = ofBackup.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new LoadError(
      `the backup was made by a later build: it has the migration ${unknown}; restore it with that build`,
    )
  if (ofBackup.length === 0 || ofBackup.some((name, i) => known[i] !== name))
    throw new LoadError('the migrations of the backup are not those of any build that this one follows')
  return migrations.slice(ofBackup.length)
}

const TABLES = `SELECT c.relname::text AS name FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')`

/** Removes the tables of a server that has stored nothing yet. @throws LoadError where they have records */
async function removeEmptyTables(client: pg.Client): Promise<void> {
  const { rows: locked } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1) AS locked',
    [MIGRATION_LOCK],
  )
  if (locked[0]?.locked !== true)
    throw new LoadError('a server is just starting on this database; stop every server of it first')
  const { rows } = await client.query<{ name: string }>(TABLES)
  const names = rows.map(({ name }) => client.escapeIdentifier(name))
  if (names.length === 0) return
  if (!rows.some(({ name }) => name === '_prisma_migrations'))
    throw new LoadError(
      `the database has tables of something else, such as ${rows[0]?.name}; restore into an empty one`,
    )
  try {
    await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`)
  } catch (cause) {
    throw new LoadError('the database is in use; stop all of its servers first', { cause })
  }
  for (const { name } of await readStoredTables(client)) {
    const { rowCount } = await client.query(`SELECT FROM ${client.escapeIdentifier(name)} LIMIT 1`)
    if (rowCount !== 0)
      throw new LoadError(
        `the database is not empty: ${name} has rows; a backup is restored into an empty database alone`,
      )
  }
  await client.query(`DROP TABLE ${names.join(', ')} CASCADE`)
}

/** The statement that loads a table's rows. Names come from a file: only those of the database are used. @throws LoadError */
function copyInto(
  client: pg.Client,
  tables: ReadonlyMap<string, StoredTable>,
  { name, columns }: StoredTable,
): string {
  const table = tables.get(name)
  const unknown = columns.find((column) => !table?.columns.includes(column))
  if (!table || unknown !== undefined || columns.length === 0)
    throw new LoadError(
      `the backup has ${table ? `a column ${unknown ?? '?'} of ${name}` : `a table ${name}`}, which its migrations do not create`,
    )
  const list = columns.map((column) => client.escapeIdentifier(column)).join(', ')
  // The tables are of this transaction, so that their rows need no later pass over them.
  const options = name === JOBS.name ? '' : ' WITH (FREEZE)'
  return `COPY ${client.escapeIdentifier(name)} (${list}) FROM STDIN${options}`
}

const SEQUENCES = `SELECT c.relname::text AS "table", a.attname::text AS "column", pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL`

/** Numbers that a sequence gives follow those that were loaded. */
async function advanceSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(SEQUENCES)
  for (const { table, column, sequence } of rows)
    await client.query(
      `SELECT setval($1::regclass, max(${client.escapeIdentifier(column)})) FROM ${client.escapeIdentifier(table)} HAVING count(*) > 0`,
      [sequence],
    )
}
