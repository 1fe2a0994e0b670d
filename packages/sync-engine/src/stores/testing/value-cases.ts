import { expect } from 'vitest'

import type { StoredValue } from '../../core/document-fields.ts'
import type { StoreCase } from './store-case.ts'
import { anyValue, contentOf, TABLES } from './store-values.ts'

const KINDS: Record<string, StoredValue> = {
  text: 'häßlich "quoted" \\ \u2028 \u0000 😀 \ud800',
  empty: '',
  number: -1.5e-300,
  large: Number.MAX_SAFE_INTEGER,
  yes: true,
  none: null,
  list: [1, [2, [3]], {}, []],
  // Made from text: in a literal this key would set the prototype.
  record: JSON.parse('{"b":1,"a":{"deep":[null]},"__proto__":{"x":1},"":"empty key"}') as StoredValue,
  long: 'grape '.repeat(20_000),
}

export const valueCases: readonly StoreCase[] = [
  {
    title: '[STO-5] gives back every kind of JSON value as it was put, from every table',
    run: async ({ open }) => {
      const store = await open()
      await store.write(async (transaction) => {
        for (const table of TABLES) {
          for (const [key, value] of Object.entries(KINDS))
            await transaction.put(table, key, anyValue(table, value))
        }
      })
      for (const table of TABLES) {
        const content = await contentOf(store, table)
        expect(content).toEqual(KINDS)
        // Told by text as well, since the order of an object's keys is part of what was put.
        expect(JSON.stringify(content['record'])).toBe(JSON.stringify(KINDS['record']))
      }
    },
  },
  {
    title: '[STO-5] a later change of the object does not reach the store, nor one of what was read',
    run: async ({ open }) => {
      const store = await open()
      const given = { inner: ['first'] }
      await store.write(async (transaction) => {
        const putting = transaction.put('values', 'one', given)
        given.inner.push('after the call')
        await putting
        const many: [string, StoredValue][] = [['two', given]]
        const puttingMany = transaction.putMany('values', many)
        given.inner.push('later still')
        many.push(['three', 1])
        await puttingMany
        const read = await transaction.get('values', 'one')
        if (typeof read === 'object' && read !== null && !Array.isArray(read)) read['inner'] = 'changed'
      })
      const expected = { one: { inner: ['first'] }, two: { inner: ['first', 'after the call'] } }
      expect(await contentOf(store)).toEqual(expected)
      const again = await contentOf(store)
      again['one'] = 'changed'
      expect(await contentOf(store)).toEqual(expected)
    },
  },
  {
    title: '[STO-5] of several values for one key the last one counts',
    run: async ({ open }) => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.put('values', 'key', 'first')
        await transaction.putMany('values', [
          ['key', 'second'],
          ['other', 1],
          ['key', 'third'],
        ])
      })
      expect(await contentOf(store)).toEqual({ key: 'third', other: 1 })
      await store.write((transaction) => transaction.delete('values', ['key', 'unknown', 'key']))
      expect(await contentOf(store)).toEqual({ other: 1 })
    },
  },
  {
    title: '[STO-5] refuses what JSON cannot say',
    run: async ({ open }) => {
      const store = await open()
      const nothing: unknown = undefined
      const putting = store.write(async (transaction) => {
        await transaction.put('values', 'kept', 1)
        await transaction.put('values', 'lost', nothing as StoredValue)
      })
      await expect(putting).rejects.toThrow('JSON')
      expect(await contentOf(store)).toEqual({})
    },
  },
  {
    title: '[STO-1, STO-3] puts, reads, lists, counts and clears 10,000 rows at once',
    run: async ({ open }) => {
      const store = await open()
      const rows = Array.from({ length: 10_000 }, (_, place): [string, StoredValue] => [
        `observation/${String((place * 7919) % 10_000).padStart(5, '0')}`,
        { place, note: 'powdery mildew on the lower leaves '.repeat(10) },
      ])
      const keys = rows.map(([key]) => key)
      await store.write((transaction) => transaction.putMany('values', rows))
      const other = await open()
      await other.read(async (transaction) => {
        expect(await transaction.count('values', { prefix: 'observation/' })).toBe(10_000)
        expect(await transaction.getMany('values', keys)).toEqual(rows.map(([, value]) => value))
        const listed = await transaction.list('values')
        expect(listed.map(([key]) => key)).toEqual(keys.toSorted())
      })
      await store.write((transaction) => transaction.delete('values', keys.slice(0, 1000)))
      expect(Object.keys(await contentOf(other))).toEqual(keys.slice(1000).toSorted())
      await store.write((transaction) => transaction.clear('values'))
      expect(await contentOf(other)).toEqual({})
    },
  },
]
