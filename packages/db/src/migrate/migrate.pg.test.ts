import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { connectionUrl } from '../embedded/connection-url.ts'
import { silentLink, testDatabase } from '../testing/index.ts'
import { isUnavailable } from '../unavailable.ts'
import { migrate } from './migrate.ts'
import { MigrationError } from './migration-error.ts'
import type { SchemaSource } from './schema-source.ts'

const { ownerUrl } = await testDatabase({ empty: true })

describe('migrate', () => {
  let directory = ''
  let schema: SchemaSource
  let owner: pg.Client
  const add = async (name: string, sql: string) => {
    await mkdir(path.join(directory, 'migrations', name), { recursive: true })
    await writeFile(path.join(directory, 'migrations', name, 'migration.sql'), sql)
  }
  const history = async () =>
    (await owner.query('SELECT migration_name, checksum, finished_at FROM _prisma_migrations ORDER BY 1'))
      .rows

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldsync-migrations-'))
    schema = {
      migrations: path.join(directory, 'migrations'),
      functions: path.join(directory, 'functions'),
      build: 1,
    }
    owner = new pg.Client(ownerUrl)
    await owner.connect()
    await owner.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    await mkdir(path.join(directory, 'functions'))
    await add('20260101000000_first', 'CREATE TABLE first (id int);')
    await add('20260102000000_second', `CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;`)
  })
  afterEach(async () => {
    await owner.end()
    rmSync(directory, { recursive: true, force: true })
  })

  it('applies what is missing, in order, and nothing the second time', async () => {
    expect(await migrate({ ownerUrl, schema })).toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await migrate({ ownerUrl, schema })).toEqual([])
    await add('20260103000000_third', 'ALTER TABLE first ADD COLUMN name text')
    expect(await migrate({ ownerUrl, schema })).toEqual(['20260103000000_third'])
    expect(await history()).toHaveLength(3)
  })

  it('applies each migration once when several servers start together', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate({ ownerUrl, schema })))
    expect(results.flat().sort()).toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await history()).toHaveLength(2)
  })

  it('leaves nothing behind of a migration that fails, and applies it once repaired', async () => {
    await add('20260103000000_third', 'CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);')
    await expect(migrate({ ownerUrl, schema })).rejects.toThrow(
      'migration 20260103000000_third failed at line 2: relation "nowhere" does not exist',
    )
    expect(await history()).toHaveLength(2)
    await add('20260103000000_third', 'CREATE TABLE half (id int)')
    expect(await migrate({ ownerUrl, schema })).toEqual(['20260103000000_third'])
  })

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate({ ownerUrl, schema })
    await add('20260101000000_first', 'CREATE TABLE first (id bigint);')
    await expect(migrate({ ownerUrl, schema })).rejects.toThrow('20260101000000_first was edited')
  })

  describe('a database that a later build has migrated', () => {
    const LATER = '20260103000000_later'
    /** The folder of a later build, which has this migration too. */
    async function migratedBy(later: Partial<SchemaSource>, sql = 'ALTER TABLE first ADD COLUMN name text') {
      await add(LATER, sql)
      await migrate({ ownerUrl, schema: { ...schema, build: 3, ...later } })
      rmSync(path.join(directory, 'migrations', LATER), { recursive: true })
    }

    it('[RUN-3] is left as it is by an earlier build that works on it, grants too', async () => {
      await migratedBy({ leastBuild: 2 })
      const afterMigrate = () => expect.unreachable()
      expect(await migrate({ ownerUrl, schema: { ...schema, build: 2 }, afterMigrate })).toEqual([])
      expect(await history()).toHaveLength(3)
    })

    it('[RUN-3] is refused by a build before the earliest that works on it', async () => {
      await migratedBy({ leastBuild: 3 })
      await expect(migrate({ ownerUrl, schema: { ...schema, build: 2 } })).rejects.toThrow(
        `${LATER}, which this build lacks; a newer server ran here, start that one`,
      )
    })

    it('[RUN-3] is refused where it does not say which builds work on it', async () => {
      await migratedBy({ leastBuild: 1 })
      await owner.query('DROP TABLE _fieldsync_compatibility')
      await expect(migrate({ ownerUrl, schema })).rejects.toThrow(`${LATER}, which this build lacks`)
    })

    it('[RUN-3] is refused where half of a breaking change is made', async () => {
      await migrate({ ownerUrl, schema })
      await expect(migratedBy({ leastBuild: 3 }, 'ALTER TABLE nowhere ADD COLUMN name text')).rejects.toThrow(
        `${LATER} failed`,
      )
      await owner.query(
        `INSERT INTO _prisma_migrations (id, migration_name, checksum, finished_at) VALUES ('1', $1, 'c', now())`,
        [LATER],
      )
      rmSync(path.join(directory, 'migrations', LATER), { recursive: true })
      await expect(migrate({ ownerUrl, schema: { ...schema, build: 2 } })).rejects.toThrow(`${LATER}, which`)
    })

    it('[RUN-3] is refused where it lacks a migration of this build', async () => {
      await migratedBy({ leastBuild: 1 })
      await add('20260104000000_own', 'SELECT 1')
      await expect(migrate({ ownerUrl, schema })).rejects.toThrow(
        'and lacks 20260104000000_own of this build',
      )
    })

    it('[RUN-3] does not forget that it needs a later build, whichever starts next', async () => {
      await migratedBy({ leastBuild: 3 })
      await add(LATER, 'ALTER TABLE first ADD COLUMN name text')
      await migrate({ ownerUrl, schema: { ...schema, build: 4, leastBuild: 1 } })
      rmSync(path.join(directory, 'migrations', LATER), { recursive: true })
      await expect(migrate({ ownerUrl, schema: { ...schema, build: 2 } })).rejects.toThrow(`${LATER}, which`)
    })
  })

  it('[RUN-41] lets others go first that have come while it waits for a lock', async () => {
    await migrate({ ownerUrl, schema })
    await add('20260103000000_third', 'ALTER TABLE first ADD COLUMN name text')
    const reader = new pg.Client(ownerUrl)
    await reader.connect()
    onTestFinished(() => reader.end())
    await reader.query('BEGIN; SELECT FROM first')
    const migrating = migrate({ ownerUrl, schema, lockWaitMs: 20 })
    const waits = async () =>
      (await owner.query(`SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`)).rowCount
    await expect.poll(waits, { interval: 1 }).toBe(1)
    // It stands behind the migration, which stands behind the reader.
    await owner.query('SELECT FROM first')
    await reader.query('COMMIT')
    expect(await migrating).toEqual(['20260103000000_third'])
  })

  describe('[RUN-41] an index of a large table', () => {
    const INDEX = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "first_id_idx" ON "first" ("id");'
    const isValid = async () =>
      (
        await owner.query(
          `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'first_id_idx'::regclass`,
        )
      ).rows

    it('is made while a writer has its transaction open', async () => {
      await migrate({ ownerUrl, schema })
      await add('20260103000000_index', `-- Found by its id.\n${INDEX}\n`)
      const writer = new pg.Client(ownerUrl)
      await writer.connect()
      onTestFinished(() => writer.end())
      await writer.query('BEGIN; INSERT INTO first VALUES (1)')
      const migrating = migrate({ ownerUrl, schema })
      const waits = async () =>
        (
          await owner.query(
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%CONCURRENTLY%'`,
          )
        ).rowCount
      await expect.poll(waits, { interval: 1 }).toBe(1)
      await owner.query('INSERT INTO first VALUES (2)')
      await writer.query('COMMIT')
      expect(await migrating).toEqual(['20260103000000_index'])
      expect(await isValid()).toEqual([{ valid: true }])
    })

    it('is made while another server waits for its turn', async () => {
      await migrate({ ownerUrl, schema })
      await add('20260103000000_index', INDEX)
      const writer = new pg.Client(ownerUrl)
      await writer.connect()
      onTestFinished(() => writer.end())
      await writer.query('BEGIN; INSERT INTO first VALUES (1)')
      const running = (what: string) => async () =>
        (
          await owner.query(
            `SELECT FROM pg_stat_activity WHERE application_name = 'fieldsync-migrate' AND query LIKE $1`,
            [`%${what}%`],
          )
        ).rowCount
      const first = migrate({ ownerUrl, schema })
      await expect.poll(running('CONCURRENTLY'), { interval: 1 }).toBe(1)
      const second = migrate({ ownerUrl, schema })
      await expect.poll(running('advisory_lock'), { interval: 1 }).toBe(1)
      await writer.query('COMMIT')
      expect(await Promise.all([first, second])).toEqual([['20260103000000_index'], []])
      expect(await isValid()).toEqual([{ valid: true }])
    })

    it('is built again where a failed attempt has left an invalid one', async () => {
      await migrate({ ownerUrl, schema })
      await owner.query('INSERT INTO first VALUES (1), (1)')
      await add('20260103000000_index', INDEX.replace('CREATE INDEX', 'CREATE UNIQUE INDEX'))
      await expect(migrate({ ownerUrl, schema })).rejects.toThrow(
        '20260103000000_index failed: could not create',
      )
      expect(await isValid()).toEqual([{ valid: false }])
      await owner.query('DELETE FROM first')
      expect(await migrate({ ownerUrl, schema })).toEqual(['20260103000000_index'])
      expect(await isValid()).toEqual([{ valid: true }])
    })
  })

  it('refuses a migration that would slip in before an applied one', async () => {
    await migrate({ ownerUrl, schema })
    await add('20260101120000_late', 'SELECT 1')
    await expect(migrate({ ownerUrl, schema })).rejects.toThrow('20260101120000_late sorts before')
  })

  it('refuses to go on after a failure of another tool', async () => {
    await migrate({ ownerUrl, schema })
    await owner.query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%second'`)
    await expect(migrate({ ownerUrl, schema })).rejects.toThrow('prisma migrate resolve')
    await owner.query(
      `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name LIKE '%second'`,
    )
    await owner.query('DROP FUNCTION one()')
    expect(await migrate({ ownerUrl, schema })).toEqual(['20260102000000_second'])
  })

  it('refuses a migration that commits by itself', async () => {
    await add('20260103000000_third', 'COMMIT; BEGIN;')
    await expect(migrate({ ownerUrl, schema })).rejects.toThrow('must not begin or end transactions')
  })

  it('runs the hook every time, and undoes it when it fails', async () => {
    const mark = (client: pg.Client) =>
      client.query('CREATE TABLE IF NOT EXISTS hooked (id int)').then(() => undefined)
    await expect(
      migrate({
        ownerUrl,
        schema,
        afterMigrate: async (client) => {
          await mark(client)
          throw new Error('no luck')
        },
      }),
    ).rejects.toThrow('no luck')
    const exists = async () => (await owner.query(`SELECT to_regclass('hooked') IS NOT NULL AS yes`)).rows[0]
    expect(await exists()).toEqual({ yes: false })
    await migrate({ ownerUrl, schema, afterMigrate: mark })
    expect(await exists()).toEqual({ yes: true })
  })

  it('[RUN-3] gives rights in the transaction of the functions: whoever calls a new one has what it needs', async () => {
    await writeFile(
      path.join(directory, 'functions', '10_two.sql'),
      'CREATE OR REPLACE FUNCTION two() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;',
    )
    const other = new pg.Client(ownerUrl)
    await other.connect()
    onTestFinished(() => other.end())
    let seen: unknown
    const afterMigrate = async () => {
      seen = (await other.query(`SELECT to_regproc('two') IS NULL AS hidden`)).rows
    }
    await migrate({ ownerUrl, schema, afterMigrate })
    expect(seen).toEqual([{ hidden: true }])
  })

  it('gives up with a clear message when another runner does not finish', async () => {
    await owner.query('SELECT pg_advisory_lock(72707369)')
    await expect(migrate({ ownerUrl, schema, waitMs: 50 })).rejects.toThrow(MigrationError)
    await owner.query('SELECT pg_advisory_unlock(72707369)')
  })

  describe('over a network that may swallow everything', () => {
    const CHECK_EVERY_MS = 60
    const SLOW = `SELECT pg_sleep(0.5); CREATE TABLE slow (id int);`
    async function overLink() {
      const link = await silentLink(Number(new URL(ownerUrl).port))
      onTestFinished(() => link[Symbol.asyncDispose]())
      const url = connectionUrl(ownerUrl, { port: link.port })
      const running = migrate({ ownerUrl: url, schema, checkEveryMs: CHECK_EVERY_MS })
      running.catch(() => undefined)
      return { link, running }
    }
    const sleeping = async () => {
      const { rows } = await owner.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'fieldsync-migrate' AND wait_event = 'PgSleep'`,
      )
      return rows.map(({ pid }) => pid)
    }

    it('[RUN-13] takes as long as it needs while the database is at work on it', async () => {
      await add('20260103000000_slow', SLOW)
      expect(await (await overLink()).running).toContain('20260103000000_slow')
    })

    it('[RUN-13] gives up an answer that is lost as one that may come later, and the next run carries on', async () => {
      await add('20260103000000_slow', SLOW)
      const { link, running } = await overLink()
      await expect.poll(sleeping).toHaveLength(1)
      const [pid] = await sleeping()
      link.silence()
      const error: unknown = await running.catch((each: unknown) => each)
      expect(error).toBeInstanceOf(MigrationError)
      expect(isUnavailable(error)).toBe(true)
      // The database was not notified, and holds the lock of the migration until its own keep-alive detects it.
      await owner.query('SELECT pg_terminate_backend($1, 5000)', [pid])
      expect(await (await overLink()).running).toEqual(['20260103000000_slow'])
    })
  })
})
