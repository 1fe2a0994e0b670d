import { expect } from 'vitest'

import type { WriteTransaction } from '../../core/local-store.ts'
import type { StoreCase } from './store-case.ts'
import { add, anyValue, contentOf, errorOf, gate, keysOf, numberAt, TABLES } from './store-values.ts'

const ENDED = { name: 'StoreError', code: 'transaction_ended' }

export const transactionCases: readonly StoreCase[] = [
  {
    title: '[STO-16] erases everything but what is to stay, for every instance, and goes on working',
    run: async ({ open }) => {
      const [store, other] = [await open(), await open()]
      await store.write(async (transaction) => {
        for (const table of TABLES) await transaction.put(table, 'a', anyValue(table, 'secret'))
      })
      const heard = gate()
      other.onChange(() => heard.open())
      await store.erase([['mark', { at: 1 }]])
      await heard.opened
      for (const table of TABLES)
        expect(await contentOf(other, table)).toEqual(table === 'values' ? { mark: { at: 1 } } : {})
      await store.erase([['mark', { at: 2 }]])
      await other.write((transaction) => transaction.put('values', 'b', 2))
      expect(await contentOf(store)).toEqual({ mark: { at: 2 }, b: 2 })
    },
  },
  {
    title: '[STO-1] commits all tables together and gives back what the work gave',
    run: async ({ open }) => {
      const store = await open()
      const value = await store.write(async (transaction) => {
        await transaction.put('outbox', '1', anyValue('outbox', 'entry'))
        await transaction.put('records', 'observation/1', anyValue('records', 'record'))
        return 'given back'
      })
      expect(value).toBe('given back')
      expect(await contentOf(store, 'outbox')).toEqual({ 1: 'entry' })
      expect(await contentOf(store, 'records')).toEqual({ 'observation/1': 'record' })
    },
  },
  {
    title: '[STO-1] takes everything back when the work throws, and rejects with its error',
    run: async ({ open }) => {
      const store = await open()
      await store.write((transaction) =>
        transaction.putMany('values', [
          ['a', 1],
          ['b', 2],
        ]),
      )
      const error = new Error('the work failed')
      const failed = store.write(async (transaction) => {
        await transaction.put('values', 'a', 'changed')
        await transaction.put('values', 'c', 'new')
        await transaction.delete('values', ['b'])
        await transaction.clear('values')
        await transaction.put('records', 'd', anyValue('records', 1))
        await transaction.put('values', 'e', 'after clearing')
        throw error
      })
      expect(await errorOf(failed)).toBe(error)
      expect(await contentOf(store)).toEqual({ a: 1, b: 2 })
      expect(await contentOf(store, 'records')).toEqual({})
    },
  },
  {
    title: '[STO-1] work that throws before it waits for anything fails the same way, and the store goes on',
    run: async ({ open }) => {
      const store = await open()
      const error = new Error('at once')
      const work = (): Promise<void> => {
        throw error
      }
      expect(await errorOf(store.write(work))).toBe(error)
      expect(await errorOf(store.read(work))).toBe(error)
      await store.write((transaction) => transaction.put('values', 'a', 1))
      expect(await contentOf(store)).toEqual({ a: 1 })
    },
  },
  {
    title: '[STO-1] a call that failed takes the transaction with it, also when the work caught the error',
    run: async ({ open }) => {
      const store = await open()
      const failed = store.write(async (transaction) => {
        await transaction.put('values', 'a', 1)
        await errorOf(transaction.put('values', 'no key: ü', 1))
      })
      expect(await errorOf(failed)).toMatchObject({ code: 'invalid_key' })
      expect(await contentOf(store)).toEqual({})
    },
  },
  {
    title:
      '[STO-1, STO-13] what is reported failed is not there for who looks or writes in the same turn, anywhere',
    run: async ({ open }) => {
      const [store, other] = [await open(), await open()]
      await store.write((transaction) => transaction.put('values', 'a', 1))
      const failures: ((transaction: WriteTransaction) => Promise<void>)[] = [
        async (transaction) => {
          await transaction.put('values', 'a', 'changed')
          throw new Error('the work failed')
        },
        async (transaction) => {
          void transaction.put('values', 'a', 'changed')
          await transaction.put('values', 'no key: ü', 1)
        },
        async (transaction) => {
          await transaction.clear('values')
          await gate().opened
        },
      ]
      for (const [turn, work] of failures.entries()) {
        const next = store.write(work).then(
          () => [],
          () => [
            contentOf(store),
            contentOf(other),
            other.write((transaction) => add(transaction, 'next', 1)),
            store.write((transaction) => add(transaction, 'next', 1)),
          ],
        )
        const [seen, elsewhere, ...writes] = await next
        const before = turn === 0 ? { a: 1 } : { a: 1, next: turn * 2 }
        expect(await seen).toEqual(before)
        // The other instance may see what was written since, and nothing of what failed.
        expect(await elsewhere).toMatchObject({ a: 1 })
        await Promise.all(writes)
        expect(await contentOf(other)).toEqual({ a: 1, next: turn * 2 + 2 })
      }
    },
  },
  {
    title: '[STO-1] commits calls that the work did not wait for',
    run: async ({ open }) => {
      const store = await open()
      await store.write(async (transaction) => {
        void transaction.put('values', 'a', 1)
        void transaction.putMany('values', [['b', 2]])
      })
      expect(await contentOf(store)).toEqual({ a: 1, b: 2 })
      const failed = store.write(async (transaction) => {
        void transaction.put('values', 'c', 3)
        void transaction.put('values', 'no key: ü', 1)
      })
      expect(await errorOf(failed)).toMatchObject({ code: 'invalid_key' })
      expect(await contentOf(store)).toEqual({ a: 1, b: 2 })
    },
  },
  {
    title: '[STO-6] reads see the writes of their own transaction, by every way of reading',
    run: async ({ open }) => {
      const store = await open()
      await store.write((transaction) =>
        transaction.putMany('values', [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ]),
      )
      await store.write(async (transaction) => {
        await transaction.put('values', 'b', 2)
        await transaction.delete('values', ['a'])
        await transaction.put('values', 'd', 2)
        expect(await transaction.get('values', 'b')).toBe(2)
        expect(await transaction.getMany('values', ['a', 'd'])).toEqual([undefined, 2])
        expect(keysOf(await transaction.list('values', { limit: 2 }))).toEqual(['b', 'c'])
        expect(keysOf(await transaction.list('values', { reverse: true, limit: 2 }))).toEqual(['d', 'c'])
        expect(await transaction.count('values')).toBe(3)
        await transaction.clear('values')
        expect(await transaction.list('values')).toEqual([])
        await transaction.put('values', 'e', 3)
        expect(keysOf(await transaction.list('values'))).toEqual(['e'])
      })
      expect(await contentOf(store)).toEqual({ e: 3 })
    },
  },
  {
    title: '[STO-6] calls made together take effect in the order in which they were made',
    run: async ({ open }) => {
      const store = await open()
      const [, first, , second] = await store.write((transaction) =>
        Promise.all([
          transaction.put('values', 'a', 1),
          transaction.get('values', 'a'),
          transaction.put('values', 'a', 2),
          transaction.list('values'),
        ]),
      )
      expect(first).toBe(1)
      expect(second).toEqual([['a', 2]])
    },
  },
  {
    title: '[STO-7] transactions of one instance take effect in the order in which they were asked for',
    run: async ({ open }) => {
      const store = await open()
      const first = store.write((transaction) => transaction.put('values', 'a', 1))
      const seen = contentOf(store)
      const second = store.write((transaction) => add(transaction, 'a', 10))
      const last = contentOf(store)
      await Promise.all([first, second])
      expect(await seen).toEqual({ a: 1 })
      expect(await last).toEqual({ a: 11 })
    },
  },
  {
    title: '[STO-7] two instances that read and then write lose no update',
    run: async ({ open }) => {
      const [one, two] = [await open(), await open()]
      await Promise.all(
        Array.from({ length: 40 }, (_, turn) =>
          (turn % 2 === 0 ? one : two).write(async (transaction) => {
            await add(transaction, 'shared', 1)
            await add(transaction, `own ${turn % 2}`, 1)
          }),
        ),
      )
      expect(await contentOf(await open())).toEqual({ shared: 40, 'own 0': 20, 'own 1': 20 })
    },
  },
  {
    title: '[STO-6, STO-7] a reader sees all of a transaction or nothing, and the same until its end',
    run: async ({ open }) => {
      const writer = await open()
      const reader = await open()
      const writing = Array.from({ length: 20 }, () =>
        writer.write(async (transaction) => {
          await add(transaction, 'left', 1)
          await transaction.list('values')
          await add(transaction, 'right', 1)
        }),
      )
      const reading = Array.from({ length: 20 }, () =>
        reader.read(async (transaction) => {
          const left = await numberAt(transaction, 'left')
          await transaction.list('values')
          return [left, await numberAt(transaction, 'right'), await numberAt(transaction, 'left')]
        }),
      )
      for (const [left, right, again] of await Promise.all(reading)) {
        expect([right, again]).toEqual([left, left])
      }
      await Promise.all(writing)
      expect(await contentOf(reader)).toEqual({ left: 20, right: 20 })
    },
  },
  {
    title: '[STO-8] work that waits for something else is cut off, and nothing of it stays',
    run: async ({ open }) => {
      const store = await open()
      const elsewhere = gate()
      const late = gate()
      let lateError: unknown
      const failed = store.write(async (transaction) => {
        await transaction.put('values', 'a', 1)
        await elsewhere.opened
        lateError = await errorOf(transaction.put('values', 'b', 2))
        late.open()
      })
      expect(await errorOf(failed)).toMatchObject(ENDED)
      expect(await contentOf(store)).toEqual({})
      elsewhere.open()
      await late.opened
      expect(lateError).toMatchObject(ENDED)
      expect(await contentOf(store)).toEqual({})
    },
  },
  {
    title: '[STO-8] a transaction that asks for another one does not stop the store for ever',
    run: async ({ open }) => {
      const store = await open()
      let inner: Promise<unknown> = Promise.resolve()
      const outer = store.write(async (transaction) => {
        await transaction.put('values', 'outer', 1)
        inner = store.write((nested) => nested.put('values', 'inner', 1))
        await inner
      })
      expect(await errorOf(outer)).toMatchObject(ENDED)
      await inner
      expect(await contentOf(store)).toEqual({ inner: 1 })
    },
  },
  {
    title: '[STO-8] a transaction that was let out of its work is dead',
    run: async ({ open }) => {
      const store = await open()
      const stored: WriteTransaction[] = []
      await store.write(async (transaction) => {
        stored.push(transaction)
        await transaction.put('values', 'a', 1)
      })
      const [transaction] = stored
      expect(await errorOf(transaction?.put('values', 'a', 2) ?? Promise.resolve())).toMatchObject(ENDED)
      expect(await errorOf(transaction?.list('values') ?? Promise.resolve())).toMatchObject(ENDED)
      expect(await contentOf(store)).toEqual({ a: 1 })
    },
  },
  {
    title: '[STO-6] a reader is handed nothing to write with',
    run: async ({ open }) => {
      const store = await open()
      const calls = await store.read(async (transaction) => Object.keys(transaction).toSorted())
      expect(calls).toEqual(['count', 'get', 'getMany', 'list'])
    },
  },
]
