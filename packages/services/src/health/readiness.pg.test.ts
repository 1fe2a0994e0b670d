import { type Database, openDatabase } from '@fieldsync/db'
import { testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { Runtime } from '../core/runtime.ts'
import { Readiness } from './readiness.ts'

const database = await testDatabase()
const superuser = openDatabase({ url: database.superuserUrl, max: 2 })
const db = openDatabase({ url: database.appUrl, max: 2 })
afterAll(() => Promise.all([superuser.close(), db.close()]))

/** What a server finds that has asked nobody before. */
const found = (of: Database = db) =>
  new Readiness(new Runtime({ db: of, pepper: Buffer.from('a pepper') })).check()
const asSuperuser = (sql: string) => superuser.pool.query(sql)

it('[MON-7] is ready on a database of this build', async () => {
  expect(await found()).toBeUndefined()
})

it('[MON-7] names a table that may not be written, or that somebody keeps', async () => {
  await asSuperuser('REVOKE INSERT ON sync_events FROM PUBLIC, fieldsync_app')
  expect(await found()).toMatchObject({ reason: 'tables', message: expect.stringContaining('sync_events') })
  await asSuperuser('GRANT INSERT ON sync_events TO fieldsync_app')
  const holder = await superuser.pool.connect()
  await holder.query('BEGIN; LOCK TABLE observations IN ACCESS EXCLUSIVE MODE')
  expect(await found()).toMatchObject({ reason: 'tables', message: expect.stringContaining('lock timeout') })
  await holder.query('ROLLBACK')
  holder.release()
  expect(await found()).toBeUndefined()
})

it('[MON-7] names a schema that is not that of this build, and leaves a later one alone', async () => {
  await asSuperuser('ALTER TABLE sync_conflicts RENAME TO hidden')
  expect(await found()).toMatchObject({ reason: 'schema' })
  await asSuperuser('ALTER TABLE hidden RENAME TO sync_conflicts')
  const last = `(SELECT max(migration_name) FROM _prisma_migrations)`
  await asSuperuser(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = ${last}`)
  expect(await found()).toMatchObject({ reason: 'schema', message: expect.stringContaining('lacks') })
  await asSuperuser('UPDATE _prisma_migrations SET finished_at = now()')
  await asSuperuser(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
    VALUES ('later', 'later', '29990101000000_later', now())`)
  expect(await found()).toBeUndefined()
})

it('[MON-7] names the database where that does not answer, or is read-only', async () => {
  const nowhere = openDatabase({ url: 'postgresql://nobody:x@127.0.0.1:1/none', max: 1 })
  expect(await found(nowhere)).toMatchObject({ reason: 'database' })
  await nowhere.close()
  const url = new URL(database.appUrl)
  url.searchParams.set('options', '-c default_transaction_read_only=on')
  const standby = openDatabase({ url: url.href, max: 1 })
  expect(await found(standby)).toMatchObject({ reason: 'database' })
  await standby.close()
})

it('[MON-7] asks once for all that ask at the same time, and soon after', async () => {
  const readiness = new Readiness(new Runtime({ db, pepper: Buffer.from('a pepper') }))
  await asSuperuser('REVOKE INSERT ON sync_events FROM fieldsync_app')
  const [one, two] = await Promise.all([readiness.check(), readiness.check()])
  await asSuperuser('GRANT INSERT ON sync_events TO fieldsync_app')
  expect(one?.reason).toBe('tables')
  expect(two).toBe(one)
  expect(await readiness.check()).toBe(one)
})
