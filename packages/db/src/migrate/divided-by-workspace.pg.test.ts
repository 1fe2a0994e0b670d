import pg from 'pg'
import { afterAll, expect, it } from 'vitest'

import { type Placement, testDatabase, undividedTables, WHAT_TO_DO } from '../testing/index.ts'

const database = await testDatabase()
const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 1 })
afterAll(() => owner.end())

const undivided = undividedTables()

type Table = { name: string; columns: string[] | null }
type Key = { table: string; name: string; columns: (string | null)[] }
type ForeignKey = { table: string; name: string; columns: string[]; of: string; ofColumns: string[] }

const TABLES = `SELECT c.relname AS name, (
    SELECT array_agg(a.attname::text) FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull AND a.atttypid = 'text'::regtype
  ) AS columns
  FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`

// Constraints have indexes, too. An expression has no column.
const KEYS = `SELECT i.indrelid::regclass::text AS "table", i.indexrelid::regclass::text AS name, array(
    SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.n <= i.indnkeyatts ORDER BY k.n
  ) AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND (i.indisunique OR i.indisexclusion) ORDER BY 1, 2`

const FOREIGN_KEYS = `SELECT k.conrelid::regclass::text AS "table", k.conname AS name, k.confrelid::regclass::text AS of,
    array(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS c(attnum, n)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.attnum ORDER BY c.n) AS columns,
    array(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS c(attnum, n)
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.attnum ORDER BY c.n) AS "ofColumns"
  FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace ORDER BY 1, 2`

const placeOf = (table: string): Placement | 'divided' => undivided.get(table) ?? 'divided'

/** What a table may refer to. */
const MAY_REFER: Readonly<Record<Placement | 'divided', readonly (Placement | 'divided')[]>> = {
  divided: ['divided', 'reference'],
  reference: ['reference'],
  local: ['local', 'reference'],
}

/** What keeps a database from being divided by workspace, in words. */
async function obstacles(): Promise<string[]> {
  const { rows: tables } = await owner.query<Table>(TABLES)
  const { rows: keys } = await owner.query<Key>(KEYS)
  const { rows: foreignKeys } = await owner.query<ForeignKey>(FOREIGN_KEYS)
  const names = new Set(tables.map(({ name }) => name))
  return [
    ...[...undivided.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `${name} is listed and does not exist`),
    ...tables
      .filter(({ name, columns }) => placeOf(name) === 'divided' && columns === null)
      .map(({ name }) => `table ${name} has no workspace_id (text, not null): ${WHAT_TO_DO}`),
    ...keys
      .filter(({ table, columns }) => placeOf(table) === 'divided' && !columns.includes('workspace_id'))
      .map(({ table, name }) => `key ${name} of ${table} has no workspace_id: ${WHAT_TO_DO}`),
    ...foreignKeys.flatMap(({ table, name, columns, of, ofColumns }) => {
      const [from, to] = [placeOf(table), placeOf(of)]
      if (!MAY_REFER[from].includes(to))
        return [
          `foreign key ${name} refers from the ${from} table ${table} to the ${to} table ${of}: ${WHAT_TO_DO}`,
        ]
      const pairs = columns.map((column, n) => `${column}=${ofColumns[n]}`)
      return from === 'divided' && to === 'divided' && !pairs.includes('workspace_id=workspace_id')
        ? [`foreign key ${name} of ${table} does not pair workspace_id: ${WHAT_TO_DO}`]
        : []
    }),
  ]
}

it('[DIV-1] every table, key and foreign key has the workspace in it, or is listed with the reason', async () => {
  expect(undivided.size).toBeGreaterThan(10)
  expect(await obstacles()).toEqual([])
})

it('[DIV-1] names what a new table lacks, and what to do about it', async () => {
  await owner.query(`CREATE TABLE plain (id int PRIMARY KEY);
    CREATE TABLE keyed (workspace_id text NOT NULL, id int PRIMARY KEY, device_id text UNIQUE);
    CREATE TABLE referring (workspace_id text NOT NULL, id int REFERENCES keyed (id), PRIMARY KEY (workspace_id, id));
    ALTER TABLE device_tokens ADD COLUMN head text REFERENCES workspace_heads (workspace_id)`)
  expect(await obstacles()).toEqual([
    `table plain has no workspace_id (text, not null): ${WHAT_TO_DO}`,
    `key keyed_device_id_key of keyed has no workspace_id: ${WHAT_TO_DO}`,
    `key keyed_pkey of keyed has no workspace_id: ${WHAT_TO_DO}`,
    `key plain_pkey of plain has no workspace_id: ${WHAT_TO_DO}`,
    `foreign key device_tokens_head_fkey refers from the reference table device_tokens to the divided table workspace_heads: ${WHAT_TO_DO}`,
    `foreign key referring_id_fkey of referring does not pair workspace_id: ${WHAT_TO_DO}`,
  ])
})
