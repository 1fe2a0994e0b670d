import { expect } from 'vitest'

import type { LocalStore } from '../../core/local-store.ts'
import type { StoreCase } from './store-case.ts'
import { contentOf, errorOf, gate } from './store-values.ts'

const nextChange = (store: LocalStore): Promise<void> =>
  new Promise((resolve) => {
    const stop = store.onChange(() => {
      stop()
      resolve()
    })
  })

const put = (store: LocalStore, key: string): Promise<void> =>
  store.write((transaction) => transaction.put('values', key, 1))

/** Takes the lock and keeps it until told. */
async function hold(store: LocalStore) {
  const taken = gate()
  const done = gate()
  const signals: AbortSignal[] = []
  const result = store.exclusively(async (lost) => {
    signals.push(lost)
    taken.open()
    await done.opened
    return 'held'
  })
  await Promise.race([taken.opened, result])
  return { result, letGo: done.open, lost: (): boolean | undefined => signals[0]?.aborted }
}

export const instanceCases: readonly StoreCase[] = [
  {
    title: '[STO-12] tells of a commit in the same instance and in every other one',
    run: async ({ open }) => {
      const writer = await open()
      const others = [await open(), await open()]
      const notified = [writer, ...others].map(nextChange)
      await put(writer, 'a')
      await Promise.all(notified)
      for (const other of others) expect(await contentOf(other)).toEqual({ a: 1 })
    },
  },
  {
    title: '[STO-12] tells nothing of what was rolled back, and of no transaction that wrote nothing',
    run: async ({ open }) => {
      const store = await open()
      let notified = 0
      store.onChange(() => (notified += 1))
      await errorOf(
        store.write(async (transaction) => {
          await transaction.put('values', 'a', 1)
          throw new Error('rolled back')
        }),
      )
      await store.write((transaction) => transaction.list('values'))
      expect(notified).toBe(0)
      await put(store, 'b')
      expect(notified).toBe(1)
    },
  },
  {
    title: '[STO-12] tells nobody who has unsubscribed, and each listener on its own',
    run: async ({ open }) => {
      const store = await open()
      const heard: string[] = []
      const listener = () => void heard.push('same')
      const stopFirst = store.onChange(listener)
      store.onChange(listener)
      const stopOther = store.onChange(() => void heard.push('other'))
      stopFirst()
      stopFirst()
      stopOther()
      await put(store, 'a')
      expect(heard).toEqual(['same'])
    },
  },
  {
    title: '[STO-9] runs one at a time over all instances; the others get an answer at once',
    run: async ({ open }) => {
      const [one, two] = [await open(), await open()]
      const holder = await hold(one)
      expect(await two.exclusively(() => Promise.resolve('second'))).toEqual({ ran: false })
      expect(await one.exclusively(() => Promise.resolve('within the holder'))).toEqual({ ran: false })
      holder.letGo()
      expect(await holder.result).toEqual({ ran: true, value: 'held' })
      expect(holder.lost()).toBe(false)
      expect(await two.exclusively(() => Promise.resolve('now'))).toEqual({ ran: true, value: 'now' })
    },
  },
  {
    title: '[STO-9] of several who ask at the same moment exactly one runs',
    run: async ({ open }) => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => open()))
      for (let round = 0; round < 3; round += 1) {
        const done = gate()
        let running = 0
        const refused = gate()
        let refusals = 0
        const results = stores.map(async (store) => {
          const result = await store.exclusively(async () => {
            running += 1
            await done.opened
          })
          if (!result.ran && (refusals += 1) === 3) refused.open()
          return result.ran
        })
        await refused.opened
        done.open()
        expect((await Promise.all(results)).filter((ran) => ran)).toHaveLength(1)
        expect(running).toBe(1)
      }
    },
  },
  {
    title: '[STO-9] the holder and the others read and write meanwhile',
    run: async ({ open }) => {
      const [one, two] = [await open(), await open()]
      const holder = await hold(one)
      await put(two, 'by another')
      await put(one, 'by the holder')
      expect(await contentOf(two)).toEqual({ 'by another': 1, 'by the holder': 1 })
      holder.letGo()
      await holder.result
    },
  },
  {
    title: '[STO-9] lets go when the work throws, and rejects with its error',
    run: async ({ open }) => {
      const [one, two] = [await open(), await open()]
      const error = new Error('the work failed')
      expect(await errorOf(one.exclusively(() => Promise.reject(error)))).toBe(error)
      expect(await two.exclusively(() => Promise.resolve(1))).toEqual({ ran: true, value: 1 })
    },
  },
  {
    title: '[STO-9, STO-14] closing tells the holder to stop, and the lock is free once it has',
    run: async ({ open }) => {
      const [one, two] = [await open(), await open()]
      const holder = await hold(one)
      await one.close()
      expect(holder.lost()).toBe(true)
      expect(await two.exclusively(() => Promise.resolve(1))).toEqual({ ran: false })
      holder.letGo()
      await holder.result
      expect(await two.exclusively(() => Promise.resolve(1))).toEqual({ ran: true, value: 1 })
    },
  },
  {
    title: '[STO-14] closing waits for what was asked before, and refuses what comes after',
    run: async ({ open }) => {
      const store = await open()
      const writing = put(store, 'a')
      const closing = store.close()
      const refused = { name: 'StoreError', code: 'closed' }
      expect(await errorOf(put(store, 'b'))).toMatchObject(refused)
      await writing
      await closing
      expect(await errorOf(contentOf(store))).toMatchObject(refused)
      expect(await errorOf(store.exclusively(() => Promise.resolve()))).toMatchObject(refused)
      await store.close()
      expect(await contentOf(await open())).toEqual({ a: 1 })
    },
  },
  {
    title: '[STO-14] what one instance wrote is there for the next, also after all were closed',
    run: async ({ open }) => {
      for (let visit = 0; visit < 3; visit += 1) {
        const store = await open()
        expect(Object.keys(await contentOf(store))).toHaveLength(visit)
        await put(store, `visit ${visit}`)
        await store.close()
      }
      const [one, two] = await Promise.all([open(), open()])
      expect(await contentOf(one)).toEqual({ 'visit 0': 1, 'visit 1': 1, 'visit 2': 1 })
      await one.close()
      await put(two, 'one instance left')
      expect(Object.keys(await contentOf(two))).toHaveLength(4)
    },
  },
]
