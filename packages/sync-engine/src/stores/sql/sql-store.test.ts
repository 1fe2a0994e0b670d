import { setImmediate as nextTurn } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { nodeSqliteDriver } from '../node-sqlite/node-sqlite-store.ts'
import { STORE_SCHEMA } from '../schema.ts'
import { contentOf, errorOf } from '../testing/store-values.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import type { SqlDriver } from './sql-connection.ts'
import { openSqlStore } from './sql-store.ts'

const DISK_IS_FULL = Object.assign(new Error('database or disk is full'), { errcode: 13 })

/** A driver that answers in later turns, as a phone's does, and fails where a test says. */
function slowDriver(file: string) {
  const answered: string[] = []
  let failing = ''
  const inner = nodeSqliteDriver(file)
  const driver: SqlDriver = {
    ...inner,
    connect: async (database) => {
      const connection = await inner.connect(database)
      return {
        close: () => connection.close(),
        all: async (sql, parameters) => {
          await nextTurn()
          if (failing !== '' && sql.startsWith(failing)) {
            failing = ''
            throw DISK_IS_FULL
          }
          const rows = await connection.all(sql, parameters)
          await nextTurn()
          answered.push(sql)
          return rows
        },
      }
    },
  }
  return {
    driver,
    answered,
    failAt: (statement: string) => {
      failing = statement
    },
  }
}

describe('a store on SQLite', () => {
  it.each(['BEGIN IMMEDIATE', 'INSERT', 'COMMIT'])(
    '[STO-1, STO-13] whose disk is full at %s has rolled back when the write is reported failed, and goes on',
    async (statement) => {
      using folder = temporaryFolder()
      const { driver, answered, failAt } = slowDriver(folder.file)
      const [store, other] = [
        await openSqlStore(driver, STORE_SCHEMA),
        await openSqlStore(driver, STORE_SCHEMA),
      ]
      await store.write((transaction) => transaction.put('values', 'a', 1))
      failAt(statement)
      const reported = errorOf(store.write((transaction) => transaction.put('values', 'b', 2)))
      expect(await reported).toMatchObject({ name: 'StoreError', code: 'full' })
      if (statement !== 'BEGIN IMMEDIATE') expect(answered.at(-1)).toBe('ROLLBACK')
      // Whoever is next, and wherever.
      const [seen, elsewhere] = await Promise.all([contentOf(store), contentOf(other)])
      expect([seen, elsewhere]).toEqual([{ a: 1 }, { a: 1 }])
      await other.write((transaction) => transaction.put('values', 'c', 3))
      await store.write((transaction) => transaction.put('values', 'd', 4))
      expect(await contentOf(other)).toEqual({ a: 1, c: 3, d: 4 })
      await Promise.all([store.close(), other.close()])
    },
  )

  it('[STO-9, STO-13] fails where its lock cannot be asked for, which is no answer about others, and is asked again', async () => {
    using folder = temporaryFolder()
    const { driver, failAt } = slowDriver(folder.file)
    const store = await openSqlStore(driver, STORE_SCHEMA)
    failAt('BEGIN IMMEDIATE')
    expect(await errorOf(store.exclusively(() => Promise.resolve()))).toMatchObject({ code: 'full' })
    expect(await store.exclusively(() => Promise.resolve(1))).toEqual({ ran: true, value: 1 })
    await store.close()
  })

  it('[STO-14] holds no connection and no notices once it is closed, also with a listener and after the lock', async () => {
    using folder = temporaryFolder()
    const inner = nodeSqliteDriver(folder.file)
    const held: string[] = []
    const letGo = (what: string) => void held.splice(held.indexOf(what), 1)
    const store = await openSqlStore(
      {
        ...inner,
        connect: async (database) => {
          const connection = await inner.connect(database)
          held.push(database)
          return {
            all: (sql, parameters) => connection.all(sql, parameters),
            close: () => {
              letGo(database)
              return connection.close()
            },
          }
        },
        notices: {
          announce: () => undefined,
          subscribe: () => {
            held.push('notices')
            return () => letGo('notices')
          },
        },
      },
      STORE_SCHEMA,
    )
    store.onChange(() => undefined)
    const endListening = store.onChange(() => undefined)
    await store.exclusively(() => Promise.resolve())
    endListening()
    expect(held).toEqual(['store', 'notices', 'lock'])
    await store.close()
    expect(held).toEqual([])
  })

  it('[STO-2] reports a write when its commit was answered', async () => {
    using folder = temporaryFolder()
    const { driver, answered } = slowDriver(folder.file)
    const store = await openSqlStore(driver, STORE_SCHEMA)
    let reportedAt = ''
    store.onChange(() => {
      reportedAt = answered.at(-1) ?? ''
    })
    await store.write((transaction) => transaction.put('values', 'a', 1))
    expect([answered.at(-1), reportedAt]).toEqual(['COMMIT', 'COMMIT'])
    await store.close()
  })
})
