import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { testDatabase } from '../testing/index.ts'
import { migrate } from './migrate.ts'

const { ownerUrl } = await testDatabase({ empty: true })

describe('the functions of a build', () => {
  let directory = ''
  let owner: pg.Client
  const schemaOf = (build: number) => ({
    migrations: path.join(directory, 'migrations'),
    functions: path.join(directory, 'functions'),
    build,
  })
  const start = (build = 1) => migrate({ ownerUrl, schema: schemaOf(build) })
  const functions = (name: string, sql: string) => writeFile(path.join(directory, 'functions', name), sql)
  const one = (body: string) =>
    `CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT ${body}'`
  const resultOf = async (call: string): Promise<unknown> =>
    (await owner.query<{ result: unknown }>(`SELECT ${call} AS result`)).rows[0]?.result
  const record = async () =>
    (await owner.query('SELECT file, build FROM _fieldsync_functions ORDER BY 1')).rows
  /** Which transactions wrote the record and the functions last: equal before and after means that nothing was written. */
  const writtenBy = async () =>
    (
      await owner.query(`SELECT xmin::text, file AS name FROM _fieldsync_functions
        UNION ALL SELECT xmin::text, proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 2`)
    ).rows

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldsync-functions-'))
    owner = new pg.Client(ownerUrl)
    await owner.connect()
    await owner.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    await mkdir(path.join(directory, 'functions'))
    await mkdir(path.join(directory, 'migrations/20260101000000_first'), { recursive: true })
    await writeFile(
      path.join(directory, 'migrations/20260101000000_first/migration.sql'),
      'CREATE TABLE things (id int);',
    )
    await functions('10_one.sql', one('1'))
    await functions(
      '20_count.sql',
      `CREATE OR REPLACE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) * one() FROM things'`,
    )
  })
  afterEach(async () => {
    await owner.end()
    rmSync(directory, { recursive: true, force: true })
  })

  it('[RUN-3] are applied after the migrations, in the order of their files', async () => {
    expect(await start()).toEqual(['20260101000000_first', 'functions/10_one.sql', 'functions/20_count.sql'])
    await owner.query('INSERT INTO things VALUES (1), (2)')
    expect(await resultOf('counted()')).toBe('2')
  })

  it('[RUN-3] are applied again where their file has changed, and left alone where it has not', async () => {
    await start()
    const before = await writtenBy()
    expect(await start()).toEqual([])
    expect(await writtenBy()).toEqual(before)

    await functions('10_one.sql', one('100'))
    expect(await start()).toEqual(['functions/10_one.sql'])
    expect(await resultOf('one()')).toBe(100)
  })

  it('[RUN-3] are applied once when several servers start together', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => start()))
    expect(results.flat()).toEqual(['20260101000000_first', 'functions/10_one.sql', 'functions/20_count.sql'])
  })

  it('[RUN-3] fail as a whole, with the file and the line, and are applied once repaired', async () => {
    await start()
    const before = await writtenBy()
    await functions('10_one.sql', one('100'))
    const broken = (body: string) =>
      `-- Counts.\nCREATE OR REPLACE FUNCTION added() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\n${body}`
    await functions('20_count.sql', broken('CREATE OR REPLACE FUNCTIO counted()'))
    await expect(start()).rejects.toThrow('functions/20_count.sql failed at line 3: syntax error')
    await functions(
      '20_count.sql',
      broken(
        'CREATE FUNCTION wrong() RETURNS int LANGUAGE sql AS $$\n  SELECT\n  count(*)::int FROM nowhere\n$$',
      ),
    )
    await expect(start()).rejects.toThrow(
      'functions/20_count.sql failed at line 5: relation "nowhere" does not exist',
    )
    expect(await writtenBy()).toEqual(before)

    await functions('20_count.sql', broken(''))
    expect(await start()).toEqual(['functions/10_one.sql', 'functions/20_count.sql'])
  })

  it('[RUN-3] leave nothing behind on an empty database when they fail', async () => {
    await functions('20_count.sql', 'SELECT nothing()')
    await expect(start()).rejects.toThrow('functions/20_count.sql failed at line 1')
    expect(await writtenBy()).toEqual([])
  })

  it('[RUN-3] are refused when a file commits by itself', async () => {
    await functions('20_count.sql', 'COMMIT; BEGIN')
    await expect(start()).rejects.toThrow('functions/20_count.sql must not begin or end transactions')
  })

  it('[RUN-3] of a newer build stay when an older server starts beside it', async () => {
    await start(1)
    await functions('10_one.sql', one('100'))
    expect(await start(2)).toEqual(['functions/10_one.sql'])
    const before = await writtenBy()

    await functions('10_one.sql', one('1'))
    expect(await start(1)).toEqual([])
    expect(await resultOf('one()')).toBe(100)
    expect(await writtenBy()).toEqual(before)
  })

  it('[RUN-3] of a newer build stay also when it has changed none of them', async () => {
    await start(1)
    expect(await start(2)).toEqual([])
    expect(await record()).toEqual([
      { file: '10_one.sql', build: 2 },
      { file: '20_count.sql', build: 2 },
    ])
    await functions('10_one.sql', one('0'))
    expect(await start(1)).toEqual([])
    expect(await resultOf('one()')).toBe(1)
  })

  it('[RUN-3] that a build has no longer stay for the servers of the build before', async () => {
    await start(1)
    await rm(path.join(directory, 'functions/20_count.sql'))
    expect(await start(2)).toEqual([])
    expect(await record()).toEqual([{ file: '10_one.sql', build: 2 }])
    expect(await resultOf('counted()')).toBe('0')
  })
})
