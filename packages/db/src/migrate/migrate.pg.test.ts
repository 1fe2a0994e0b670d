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

  it('refuses a database that a newer build has migrated', async () => {
    await migrate({ ownerUrl, schema })
    rmSync(path.join(directory, 'migrations', '20260102000000_second'), { recursive: true })
    await expect(migrate({ ownerUrl, schema })).rejects.toThrow(
      '20260102000000_second, which this build lacks',
    )
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
