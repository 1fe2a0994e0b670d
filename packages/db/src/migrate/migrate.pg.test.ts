import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { migrate } from './migrate.ts'
import { MigrationError } from './migration-error.ts'

const { ownerUrl } = await testDatabase({ empty: true })

describe('migrate', () => {
  let directory = ''
  let owner: pg.Client
  const add = async (name: string, sql: string) => {
    await mkdir(path.join(directory, name), { recursive: true })
    await writeFile(path.join(directory, name, 'migration.sql'), sql)
  }
  const history = async () =>
    (await owner.query('SELECT migration_name, checksum, finished_at FROM _prisma_migrations ORDER BY 1'))
      .rows

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldsync-migrations-'))
    owner = new pg.Client(ownerUrl)
    await owner.connect()
    await owner.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    await add('20260101000000_first', 'CREATE TABLE first (id int);')
    await add('20260102000000_second', `CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;`)
  })
  afterEach(async () => {
    await owner.end()
    rmSync(directory, { recursive: true, force: true })
  })

  it('applies what is missing, in order, and nothing the second time', async () => {
    expect(await migrate({ ownerUrl, directory })).toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await migrate({ ownerUrl, directory })).toEqual([])
    await add('20260103000000_third', 'ALTER TABLE first ADD COLUMN name text')
    expect(await migrate({ ownerUrl, directory })).toEqual(['20260103000000_third'])
    expect(await history()).toHaveLength(3)
  })

  it('applies each migration once when several servers start together', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate({ ownerUrl, directory })))
    expect(results.flat().sort()).toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await history()).toHaveLength(2)
  })

  it('leaves nothing behind of a migration that fails, and applies it once repaired', async () => {
    await add('20260103000000_third', 'CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);')
    await expect(migrate({ ownerUrl, directory })).rejects.toThrow(
      'migration 20260103000000_third failed at line 2: relation "nowhere" does not exist',
    )
    expect(await history()).toHaveLength(2)
    await add('20260103000000_third', 'CREATE TABLE half (id int)')
    expect(await migrate({ ownerUrl, directory })).toEqual(['20260103000000_third'])
  })

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate({ ownerUrl, directory })
    await add('20260101000000_first', 'CREATE TABLE first (id bigint);')
    await expect(migrate({ ownerUrl, directory })).rejects.toThrow('20260101000000_first was edited')
  })

  it('refuses a database that a newer build has migrated', async () => {
    await migrate({ ownerUrl, directory })
    rmSync(path.join(directory, '20260102000000_second'), { recursive: true })
    await expect(migrate({ ownerUrl, directory })).rejects.toThrow(
      '20260102000000_second, which this build lacks',
    )
  })

  it('refuses a migration that would slip in before an applied one', async () => {
    await migrate({ ownerUrl, directory })
    await add('20260101120000_late', 'SELECT 1')
    await expect(migrate({ ownerUrl, directory })).rejects.toThrow('20260101120000_late sorts before')
  })

  it('refuses to go on after a failure of another tool', async () => {
    await migrate({ ownerUrl, directory })
    await owner.query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%second'`)
    await expect(migrate({ ownerUrl, directory })).rejects.toThrow('prisma migrate resolve')
    await owner.query(
      `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name LIKE '%second'`,
    )
    await owner.query('DROP FUNCTION one()')
    expect(await migrate({ ownerUrl, directory })).toEqual(['20260102000000_second'])
  })

  it('refuses a migration that commits by itself', async () => {
    await add('20260103000000_third', 'COMMIT; BEGIN;')
    await expect(migrate({ ownerUrl, directory })).rejects.toThrow('must not begin or end transactions')
  })

  it('runs the hook every time, and undoes it when it fails', async () => {
    const mark = (client: pg.Client) =>
      client.query('CREATE TABLE IF NOT EXISTS hooked (id int)').then(() => undefined)
    await expect(
      migrate({
        ownerUrl,
        directory,
        afterMigrate: async (client) => {
          await mark(client)
          throw new Error('no luck')
        },
      }),
    ).rejects.toThrow('no luck')
    const exists = async () => (await owner.query(`SELECT to_regclass('hooked') IS NOT NULL AS yes`)).rows[0]
    expect(await exists()).toEqual({ yes: false })
    await migrate({ ownerUrl, directory, afterMigrate: mark })
    expect(await exists()).toEqual({ yes: true })
  })

  it('gives up with a clear message when another runner does not finish', async () => {
    await owner.query('SELECT pg_advisory_lock(72707369)')
    await expect(migrate({ ownerUrl, directory, waitMs: 50 })).rejects.toThrow(MigrationError)
    await owner.query('SELECT pg_advisory_unlock(72707369)')
  })
})
