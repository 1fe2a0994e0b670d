import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterAll, expect, it } from 'vitest'

import { MIGRATIONS_DIR } from '../migrate/migration-files.ts'
import { OWN_SCHEMA } from '../migrate/schema-source.ts'
import { testDatabase } from '../testing/index.ts'
import { readCopyRows } from './copy-text.ts'
import { dumpDatabase, type TablePart } from './dump-database.ts'
import { loadDatabase } from './load-database.ts'
import { finishRestore, unfinishedRestore } from './restore-record.ts'

const source = await testDatabase()
const target = await testDatabase({ empty: true })
const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-load-'))
const owner = new pg.Client(source.ownerUrl)
const restored = new pg.Client(target.ownerUrl)
await owner.connect()
await restored.connect()
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await owner.end()
  await restored.end()
})

/** Every character that the text format of COPY escapes, and what looks like an escape or like NULL. */
const NAME = String.raw`Tab	, \N, \t and \\ of Müller’s` + '\n\r\b\f\v end'

await owner.query(
  `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ('ws_a', $1, 'UTC', now())`,
  [NAME],
)
await owner.query(
  `INSERT INTO workspace_heads (workspace_id, position, audit_seq, audit_hash, state_hash) VALUES ('ws_a', 0, 0, $1, $1)`,
  ['0'.repeat(64)],
)
await owner.query(
  `INSERT INTO security_events (workspace_id, minute, kind, reason, device_id, count, address, last_at)
    SELECT 'ws_a', now() - make_interval(mins => n), 'k', 'r', '', 1, '', now() FROM generate_series(1, 7) AS n`,
)

async function dumped() {
  await using dump = await dumpDatabase(source.appUrl)
  const parts: TablePart[] = []
  for await (const part of dump.parts()) parts.push(part)
  return { description: dump.description, parts }
}

/** A schema as a later build has it, whose migration fills a new column from what is stored. */
function laterSchema() {
  const migrations = path.join(folder, 'migrations')
  cpSync(MIGRATIONS_DIR, migrations, { recursive: true })
  const add = (name: string, sql: string): void => {
    mkdirSync(path.join(migrations, name))
    writeFileSync(path.join(migrations, name, 'migration.sql'), sql)
  }
  add(
    '20990101000000_planted',
    `ALTER TABLE workspaces ADD COLUMN filled TEXT; UPDATE workspaces SET filled = upper(workspace_id);
     ALTER TABLE workspaces ALTER COLUMN filled SET NOT NULL;`,
  )
  add(
    '20990102000000_planted_index',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "planted_index" ON workspaces (filled);',
  )
  return { ...OWN_SCHEMA, migrations }
}

it('[BAK-5] values of every kind come back, numbers go on, and later migrations convert what was loaded', async () => {
  const { description, parts } = await dumped()
  const load = (schema = OWN_SCHEMA) =>
    loadDatabase({
      ownerUrl: target.ownerUrl,
      backupId: 'b-1',
      description,
      schema,
      fill: async (add) => {
        for (const part of parts) await add(part)
      },
    })
  await load(laterSchema())
  const { rows } = await restored.query<{ name: string; filled: string }>(
    'SELECT name, filled FROM workspaces',
  )
  expect(rows).toEqual([{ name: NAME, filled: 'WS_A' }])
  const index = await restored.query(`SELECT FROM pg_indexes WHERE indexname = 'planted_index'`)
  expect(index.rowCount).toBe(1)
  const next = await restored.query<{ id: string }>(`SELECT nextval('security_events_event_id_seq') AS id`)
  const last = await restored.query<{ id: string }>(`SELECT max(event_id) AS id FROM security_events`)
  expect(Number(next.rows[0]?.id)).toBe(Number(last.rows[0]?.id) + 1)
  expect(await unfinishedRestore(target.ownerUrl)).toBe('b-1')
  await finishRestore(target.ownerUrl)
  expect(await unfinishedRestore(target.ownerUrl)).toBeUndefined()
  await expect(load()).rejects.toThrow('the database is not empty: workspaces has rows')
})

it.each([
  [
    'a later build',
    (description: Description) => ({
      ...description,
      migrations: [...description.migrations, '20990101000000_later'],
    }),
    'made by a later build',
  ],
  [
    'a build that skipped a migration',
    (description: Description) => ({ ...description, migrations: description.migrations.slice(1) }),
    'not those of any build',
  ],
  [
    'a column that no migration creates',
    (description: Description) => ({
      ...description,
      tables: [{ name: 'workspaces', columns: ['name); DROP TABLE devices; --'] }],
    }),
    'a column name); DROP TABLE devices; -- of workspaces',
  ],
  [
    'a table of the schema itself',
    (description: Description) => ({
      ...description,
      tables: [{ name: '_prisma_migrations', columns: ['id'] }],
    }),
    'a table _prisma_migrations',
  ],
])('[BAK-5] a backup of %s is refused, and the database is as it was', async (_, change, message) => {
  const empty = await emptied()
  const { description } = await dumped()
  const loading = loadDatabase({
    ownerUrl: target.ownerUrl,
    backupId: 'b-2',
    description: change(description),
    fill: () => Promise.resolve(),
  })
  await expect(loading).rejects.toThrow(message)
  expect(await tables()).toEqual(empty)
})
type Description = Awaited<ReturnType<typeof dumped>>['description']

it('[BAK-5] tables of something else are not touched', async () => {
  await emptied()
  await restored.query('CREATE TABLE somebody_elses (id int)')
  const { description } = await dumped()
  const loading = loadDatabase({
    ownerUrl: target.ownerUrl,
    backupId: 'b-3',
    description,
    fill: () => Promise.resolve(),
  })
  await expect(loading).rejects.toThrow('tables of something else, such as somebody_elses')
  expect(await tables()).toEqual(['somebody_elses'])
})

it('[BAK-2] every table is in a backup, but for those that are made again', async () => {
  const { description } = await dumped()
  const { rows } = await owner.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%'`,
  )
  const inBackup = new Set(description.tables.map(({ name }) => name))
  expect(
    rows
      .map(({ name }) => name)
      .filter((name) => !inBackup.has(name))
      .toSorted(),
  ).toEqual([
    'audit_index_heads',
    'audit_terms',
    'person_sessions',
    'person_verifications',
    'rate_limits',
    'weather_cells',
  ])
})

it('reads rows that end without a line break, and cells that are not there', () => {
  const bytes = Buffer.from(String.raw`a\tb	\N	\\N` + '\nlast')
  expect([...readCopyRows(bytes, [2, 1, 0, 9])]).toEqual([
    [String.raw`\N`, null, 'a\tb', null],
    [null, null, 'last', null],
  ])
})

async function emptied(): Promise<string[]> {
  await restored.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  return await tables()
}

async function tables(): Promise<string[]> {
  const { rows } = await restored.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}
