import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterAll, expect, it } from 'vitest'

import { testDatabase } from '../testing/index.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS_DIR, readMigrations } from './migration-files.ts'

const NAME = '20261201050500_recommendation_windows'
const files = await readMigrations(MIGRATIONS_DIR)
const place = files.findIndex(({ name }) => name === NAME)
const directory = mkdtempSync(path.join(tmpdir(), 'fieldsync-in-parts-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The schema of the first `count` migrations, without functions. */
function schemaOf(count: number) {
  const folder = path.join(directory, String(count))
  const [migrations, functions] = [path.join(folder, 'migrations'), path.join(folder, 'functions')]
  mkdirSync(functions, { recursive: true })
  for (const { name } of files.slice(0, count))
    cpSync(path.join(MIGRATIONS_DIR, name), path.join(migrations, name), { recursive: true })
  return { migrations, functions, build: 1 }
}

const ENDS = [
  '2026-03-01T10:00:00Z',
  '2026-03-01T10:00:00.123456z',
  '2026-03-01T10:00:00.5+02:00',
  '2026-03-01T10:00:00-11:30',
  '1969-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
]

/** A database as it is before the migration, with so many recommendations that one part does not hold them. */
async function before(): Promise<{ ownerUrl: string; owner: pg.Client }> {
  const { ownerUrl } = await testDatabase({ empty: true })
  await migrate({ ownerUrl, schema: schemaOf(place) })
  const owner = new pg.Client(ownerUrl)
  await owner.connect()
  afterAll(() => owner.end())
  await owner.query(
    `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ('ws_one', 'One', 'UTC', now())`,
  )
  await owner.query(
    `INSERT INTO recommendations
       (workspace_id, recommendation_id, observation_id, status, document, document_bytes, time_micros, revision, position, stored_at)
     SELECT 'ws_one', 'rec_' || i, 'obs_' || i, CASE WHEN i % 3 = 0 THEN 'confirmed' ELSE 'pending_confirmation' END,
       json_build_object('playbookId', 'pbk_' || i % 2, 'timingWindow', json_build_object('endAt', ($1::text[])[1 + i % $2::int]),
         'because', (SELECT string_agg(md5((100 * i + j)::text), '') FROM generate_series(1, 45) AS j)), 2000, 0, 1, i, now()
     FROM generate_series(1, 3000) AS i`,
    [ENDS, ENDS.length],
  )
  // Which transactions have changed rows.
  await owner.query(`CREATE TABLE changed_by (transaction text, recommendation text);
    CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO changed_by VALUES (pg_current_xact_id()::text, NEW.recommendation_id); RETURN NEW; END $$;
    CREATE TRIGGER note_change BEFORE UPDATE ON recommendations FOR EACH ROW EXECUTE FUNCTION note_change()`)
  return { ownerUrl, owner }
}

/** All that the migration makes. */
async function madeIn(owner: pg.Client): Promise<unknown> {
  const rows = await owner.query(
    'SELECT recommendation_id, playbook_id, window_ends_micros, revision, position FROM recommendations ORDER BY 1',
  )
  const index = await owner.query(
    `SELECT x.indexdef, i.indisvalid FROM pg_indexes x JOIN pg_index i ON i.indexrelid = x.indexname::regclass
     WHERE x.tablename = 'recommendations' ORDER BY 1`,
  )
  const weather = await owner.query(
    'SELECT workspace_id, weather_features_id, document FROM weather_features',
  )
  const history = await owner.query(
    'SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations ORDER BY 1',
  )
  return [rows, index, weather, history].map((each) => each.rows as unknown[])
}

const changes = async (owner: pg.Client) =>
  (
    await owner.query<{ transactions: number; rows: number; twice: number }>(
      `SELECT count(DISTINCT transaction)::int AS transactions, count(*)::int AS rows,
         (count(*) - count(DISTINCT recommendation))::int AS twice FROM changed_by`,
    )
  ).rows[0]

it('[RUN-3] a migration that changes many rows is carried out in parts, with what its file makes in one', async () => {
  const [whole, parted, resumed] = [await before(), await before(), await before()]
  const file = files[place]
  if (!file) throw new Error(`${NAME} is missing`)
  await whole.owner.query(file.sql)
  expect(await migrate({ ownerUrl: parted.ownerUrl, schema: schemaOf(place + 1) })).toEqual([NAME])
  await whole.owner.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ('one', $1, $2, now(), 1)`,
    [file.checksum, NAME],
  )
  const expected = await madeIn(whole.owner)
  expect(await madeIn(parted.owner)).toEqual(expected)
  // Two thirds of 3,000 are pending, about four to a block; the end has nothing left to change.
  expect(await changes(parted.owner)).toEqual({ transactions: 2, rows: 2000, twice: 0 })

  // A start that ended after the columns and some rows, and left an index that it had not finished.
  await resumed.owner.query(
    `ALTER TABLE recommendations ADD COLUMN playbook_id TEXT, ADD COLUMN window_ends_micros BIGINT`,
  )
  await resumed.owner.query(
    `UPDATE recommendations r SET playbook_id = w.playbook_id, window_ends_micros = w.window_ends_micros
     FROM json_to_recordset($1) AS w(recommendation_id text, playbook_id text, window_ends_micros bigint)
     WHERE r.recommendation_id = w.recommendation_id AND r.position < 500 AND r.status = 'pending_confirmation'`,
    [JSON.stringify((expected as unknown[])[0])],
  )
  await migrate({ ownerUrl: resumed.ownerUrl, schema: schemaOf(place + 1) })
  expect(await madeIn(resumed.owner)).toEqual(expected)
  expect(await changes(resumed.owner)).toMatchObject({ rows: 2000, twice: 0 })
})
