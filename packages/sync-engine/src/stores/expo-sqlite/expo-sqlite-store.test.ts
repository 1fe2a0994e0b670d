import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { seededRuns } from '@fieldsync/testkit'
import { describe, expect, it, vi } from 'vitest'

import { describeLocalStore } from '../testing/describe-local-store.ts'
import { contentOf, errorOf } from '../testing/store-values.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { expoResultCodeOf, openExpoSqliteStore } from './expo-sqlite-store.ts'
import { expoSqliteOnNode } from './testing/expo-sqlite-on-node.ts'

const databaseName = 'fieldsync.db'

describeLocalStore('expo-sqlite', {
  seed: seededRuns().seed,
  place: async () => {
    const folder = temporaryFolder()
    const sqlite = expoSqliteOnNode(folder.path)
    return {
      open: (schema) => openExpoSqliteStore({ sqlite, databaseName }, schema),
      remove: async () => folder[Symbol.dispose](),
    }
  },
})

describe('expo-sqlite', () => {
  it.each(['ios', 'android'] as const)(
    '[STO-9, STO-13] tells a lock from a fault by the messages of %s',
    async (phone) => {
      using folder = temporaryFolder()
      const sqlite = expoSqliteOnNode(folder.path, phone)
      const [one, two] = [
        await openExpoSqliteStore({ sqlite, databaseName }),
        await openExpoSqliteStore({ sqlite, databaseName }),
      ]
      const inner = await one.exclusively(() => two.exclusively(() => Promise.resolve()))
      expect(inner).toEqual({ ran: true, value: { ran: false } })
      await one.close()
      await two.close()
    },
  )

  it('[STO-13] goes on after a write that gave up because of a lock', async () => {
    using folder = temporaryFolder()
    const store = await openExpoSqliteStore({ sqlite: expoSqliteOnNode(folder.path), databaseName })
    await store.write((transaction) => transaction.put('values', 'a', 1))
    using holder = new DatabaseSync(path.join(folder.path, databaseName))
    holder.exec('BEGIN IMMEDIATE')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const writing = errorOf(store.write((transaction) => transaction.put('values', 'b', 1)))
    const outcome: unknown[] = []
    void writing.then((error) => outcome.push(error))
    while (outcome.length === 0) {
      await vi.advanceTimersByTimeAsync(1000)
      await nextTurn()
    }
    vi.useRealTimers()
    expect(outcome).toMatchObject([{ name: 'StoreError', code: 'busy' }])
    expect(await contentOf(store)).toEqual({ a: 1 })
    holder.exec('ROLLBACK')
    await store.write((transaction) => transaction.put('values', 'b', 1))
    expect(await contentOf(store)).toEqual({ a: 1, b: 1 })
    await store.close()
  })

  it.each([
    ['Error code 5: database is locked', 5],
    ['Call failed. → Caused by: Error code 2067: UNIQUE constraint failed', 19],
    [`Error code ${String.fromCodePoint(13)}: database or disk is full`, 13],
    ['database is locked', undefined],
    ['Access to closed resource', undefined],
  ])('reads the result code of %j', (message, code) => {
    expect(expoResultCodeOf(new Error(message))).toBe(code)
  })

  it('keeps its file in the folder that is asked for', async () => {
    using folder = temporaryFolder()
    using elsewhere = temporaryFolder()
    const sqlite = expoSqliteOnNode(folder.path)
    const there = await openExpoSqliteStore({ sqlite, databaseName, directory: elsewhere.path })
    await there.write((transaction) => transaction.put('values', 'a', 1))
    const here = await openExpoSqliteStore({ sqlite, databaseName })
    expect(await contentOf(here)).toEqual({})
    expect(await contentOf(there)).toEqual({ a: 1 })
    await here.close()
    await there.close()
  })
})
