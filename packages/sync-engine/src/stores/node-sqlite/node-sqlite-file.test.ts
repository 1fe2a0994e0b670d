import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { describe, expect, it, vi } from 'vitest'

import { STORE_SCHEMA } from '../schema.ts'
import type { SqlConnection, SqlDriver } from '../sql/sql-connection.ts'
import { openSqlStore } from '../sql/sql-store.ts'
import { contentOf, errorOf } from '../testing/store-values.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { fileNotices, nodeSqliteDriver, openNodeSqliteStore } from './node-sqlite-store.ts'

const put = (store: Awaited<ReturnType<typeof openNodeSqliteStore>>, key: string, value: string) =>
  store.write((transaction) => transaction.put('values', key, value))

/** A driver that lets the test at the connections it makes. */
function watched(driver: SqlDriver): { readonly driver: SqlDriver; readonly connections: SqlConnection[] } {
  const connections: SqlConnection[] = []
  const connect: SqlDriver['connect'] = async (database) => {
    const connection = await driver.connect(database)
    connections.push(connection)
    return connection
  }
  return { connections, driver: { ...driver, connect } }
}

describe('the file of a store', () => {
  it('[STO-2] is written ahead to a log that every commit forces to the disk', async () => {
    using folder = temporaryFolder()
    const { driver, connections } = watched(nodeSqliteDriver(folder.file))
    const store = await openSqlStore(driver, STORE_SCHEMA)
    const [connection] = connections
    expect(await connection?.all('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    expect(await connection?.all('PRAGMA synchronous')).toEqual([{ synchronous: 2 }])
    expect(await connection?.all('PRAGMA fullfsync')).toEqual([{ fullfsync: 1 }])
    await store.close()
  })

  it('is for the eyes of its owner, as is everything beside it', async () => {
    using folder = temporaryFolder()
    const store = await openNodeSqliteStore({ file: folder.file })
    await put(store, 'a', 'private')
    await store.exclusively(async () => {
      for (const ending of ['', '-wal', '-shm', '-lock']) {
        expect(statSync(`${folder.file}${ending}`).mode & 0o777, ending).toBe(0o600)
      }
    })
    await store.close()
  })

  it("[STO-13] is refused as damaged when it is another program's or no database at all, and stays as it is", async () => {
    using folder = temporaryFolder()
    const other = path.join(folder.path, 'other.db')
    const database = new DatabaseSync(other)
    database.exec('CREATE TABLE theirs (a)')
    expect(await errorOf(openNodeSqliteStore({ file: other }))).toMatchObject({ code: 'damaged' })
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }])
    database.exec('DROP TABLE theirs; PRAGMA application_id = 7')
    expect(await errorOf(openNodeSqliteStore({ file: other }))).toMatchObject({ code: 'damaged' })
    database.close()

    writeFileSync(
      folder.file,
      'these are notes and no database, long enough to be taken for one '.repeat(100),
    )
    const refused = await errorOf(openNodeSqliteStore({ file: folder.file }))
    expect(refused).toMatchObject({ name: 'StoreError', code: 'damaged' })
  })

  it('[STO-13] is refused as unavailable where no file can be', async () => {
    using folder = temporaryFolder()
    const missing = path.join(folder.path, 'missing', 'store.db')
    expect(await errorOf(openNodeSqliteStore({ file: missing }))).toMatchObject({ code: 'unavailable' })
    mkdirSync(folder.file)
    expect(await errorOf(openNodeSqliteStore({ file: folder.file }))).toMatchObject({ code: 'unavailable' })
  })

  it('[STO-1, STO-13] says when it is full, keeps what it has, and takes more when there is room again', async () => {
    using folder = temporaryFolder()
    const { driver, connections } = watched(nodeSqliteDriver(folder.file))
    const store = await openSqlStore(driver, STORE_SCHEMA)
    await put(store, 'a', 'kept')
    await connections[0]?.all('PRAGMA max_page_count = 40')
    const long = 'grape '.repeat(100_000)
    const failed = store.write(async (transaction) => {
      await transaction.put('values', 'b', 'of the same transaction')
      await transaction.put('values', 'c', long)
    })
    expect(await errorOf(failed)).toMatchObject({ name: 'StoreError', code: 'full' })
    expect(await contentOf(store)).toEqual({ a: 'kept' })
    // The same where the work does not wait for the call, and where it does not mind.
    const unwatched = store.write(async (transaction) => {
      void transaction.put('values', 'c', long)
    })
    expect(await errorOf(unwatched)).toMatchObject({ code: 'full' })
    const undaunted = store.write(async (transaction) => {
      await errorOf(transaction.put('values', 'c', long))
      await errorOf(transaction.put('values', 'b', 'of the same transaction'))
    })
    expect(await errorOf(undaunted)).toMatchObject({ code: 'full' })
    expect(await contentOf(store)).toEqual({ a: 'kept' })
    await put(store, 'd', 'fits')
    await connections[0]?.all('PRAGMA max_page_count = 10000')
    await put(store, 'c', long)
    expect(Object.keys(await contentOf(store))).toEqual(['a', 'c', 'd'])
    await store.close()
  })

  it('[STO-13] gives up as busy when another process never ends its transaction', async () => {
    using folder = temporaryFolder()
    const store = await openNodeSqliteStore({ file: folder.file })
    const holder = await nodeSqliteDriver(folder.file).connect('store')
    await holder.all('BEGIN IMMEDIATE')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const writing = errorOf(put(store, 'a', 'never'))
      await vi.advanceTimersByTimeAsync(60_000)
      expect(await writing).toMatchObject({ name: 'StoreError', code: 'busy' })
    } finally {
      vi.useRealTimers()
    }
    await holder.all('ROLLBACK')
    await put(store, 'a', 'now')
    expect(await contentOf(store)).toEqual({ a: 'now' })
    await holder.close()
    await store.close()
  })

  it('[STO-9] has a lock that somebody who only looks at it keeps from nobody', async () => {
    using folder = temporaryFolder()
    const store = await openNodeSqliteStore({ file: folder.file })
    const onlooker = await nodeSqliteDriver(folder.file).connect('lock')
    // As another process has it for a moment, while it finds out that the lock is not free.
    await onlooker.all('BEGIN')
    await onlooker.all('SELECT * FROM sqlite_schema')
    expect(await store.exclusively(() => Promise.resolve(1))).toEqual({ ran: true, value: 1 })
    await onlooker.close()
    await store.close()
  })

  it('[STO-12] is looked at once the file system says that its log has changed', async () => {
    using folder = temporaryFolder()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const looked = Promise.withResolvers<void>()
    const stop = fileNotices(folder.file).subscribe(() => looked.resolve())
    try {
      writeFileSync(`${folder.file}-wal`, 'a commit')
      await looked.promise
    } finally {
      stop()
      vi.useRealTimers()
    }
  })

  it('[STO-12] is looked at now and then, also where the file system says nothing', () => {
    using folder = temporaryFolder()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      let looks = 0
      const stop = fileNotices(path.join(folder.path, 'missing', 'store.db')).subscribe(() => (looks += 1))
      vi.advanceTimersByTime(3000)
      expect(looks).toBe(3)
      stop()
      vi.advanceTimersByTime(3000)
      expect(looks).toBe(3)
    } finally {
      vi.useRealTimers()
    }
  })
})
