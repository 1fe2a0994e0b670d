import type pg from 'pg'

import type { SqlFile } from './migration-files.ts'
import { recordMigration } from './migration-history.ts'
import { inOneTransaction, makeIndex } from './run-sql-file.ts'

/** What one transaction looks through: 4 MB, whose rows are locked for less than a second. */
const BLOCKS_AT_ONCE = 500

/** A migration of four statements: columns, values for the rows that exist, an index, and the rest. */
type Parts = {
  readonly table: string
  /** Alias of the table in the statement that gives the values. */
  readonly alias: string
  /** SQL on `alias`: the rows that lack their values. */
  readonly lacking: (alias: string) => string
}

/**
 * Migrations that landed as one transaction that changes many rows of a large table and makes an index of it, under the lock
 * that adding a column takes: with millions of rows for minutes, in which nobody reads the table. Databases have recorded
 * their files, which therefore stay as they are. On a table with rows they are carried out in parts instead, by the same
 * statements and to the same end, so that others go on (docs/decisions/0051).
 */
const IN_PARTS: ReadonlyMap<string, Parts> = new Map([
  [
    '20261201050500_recommendation_windows',
    {
      table: 'recommendations',
      alias: 'r',
      lacking: (alias) => `${alias}.status = 'pending_confirmation' AND ${alias}.playbook_id IS NULL`,
    },
  ],
])

/** How to carry out a migration in parts; undefined where it runs as one transaction. */
export async function partsOf(client: pg.Client, { name }: SqlFile): Promise<Parts | undefined> {
  const parts = IN_PARTS.get(name)
  if (parts === undefined) return undefined
  const { rows } = await client.query<{ has: boolean }>(`SELECT EXISTS (SELECT FROM ${parts.table}) AS has`)
  return rows[0]?.has ? parts : undefined
}

/**
 * Carries out a migration and records it. After a crash the next start goes on: each part may be repeated.
 * @throws MigrationError
 */
export async function migrateInParts(
  client: pg.Client,
  file: SqlFile,
  { table, alias, lacking }: Parts,
  { title, lockWaitMs }: { title: string; lockWaitMs: number },
): Promise<void> {
  const [columns = '', values = '', index = '', rest = ''] = file.sql.replaceAll(/--.*$/gmu, '').split(';')
  const transaction = (work: () => Promise<unknown>): Promise<void> =>
    inOneTransaction(client, { title, lockWaitMs }, async () => void (await work()))
  await transaction(() => client.query(columns.replaceAll('ADD COLUMN', 'ADD COLUMN IF NOT EXISTS')))
  // Rows that others lock are left for the end: they would wait for each other in a circle otherwise.
  const some = `${values} AND ${alias}.ctid = ANY (ARRAY(SELECT p.ctid FROM ${table} p
    WHERE p.ctid >= $1::tid AND p.ctid < $2::tid AND ${lacking('p')} FOR UPDATE SKIP LOCKED))`
  const end = await blocksOf(client, table)
  for (let block = 0; block < end; block += BLOCKS_AT_ONCE) {
    await transaction(() => client.query(some, [`(${block},0)`, `(${block + BLOCKS_AT_ONCE},0)`]))
  }
  const name = /"(\w+)"/.exec(index)?.[1] ?? ''
  const concurrently = index.replace('CREATE INDEX', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS')
  await makeIndex(client, name, { ...file, sql: concurrently }, title)
  await transaction(async () => {
    // What servers of the build before have written meanwhile, and what was locked.
    await client.query(`${values} AND ${lacking(alias)}`)
    await client.query(rest)
    await recordMigration(client, file)
  })
}

async function blocksOf(client: pg.Client, table: string): Promise<number> {
  const { rows } = await client.query<{ blocks: number }>(
    `SELECT (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int AS blocks`,
    [table],
  )
  return rows[0]?.blocks ?? 0
}
