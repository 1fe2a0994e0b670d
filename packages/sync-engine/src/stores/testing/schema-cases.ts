import { expect } from 'vitest'

import { type SchemaStep, STORE_SCHEMA } from '../schema.ts'
import type { StoreCase } from './store-case.ts'
import { anyValue, contentOf, errorOf } from './store-values.ts'

const NEWER = { name: 'StoreError', code: 'newer_schema' }

/** A version whose values are wrapped in an object, as a change of a record's shape would be. */
const WRAPPING: SchemaStep = {
  creates: [],
  rewrite: async (transaction) => {
    const rows = await transaction.list('values')
    await transaction.putMany(
      'values',
      rows.map(([key, value]) => [key, { wrapped: value }] as const),
    )
  },
}
const NEXT = [...STORE_SCHEMA, WRAPPING]

export const schemaCases: readonly StoreCase[] = [
  {
    title: '[STO-10] rewrites what an older version has stored, once',
    run: async ({ open }) => {
      const older = await open()
      await older.write((transaction) =>
        transaction.putMany('values', [
          ['a', 1],
          ['b', [2]],
        ]),
      )
      await older.close()
      const expected = { a: { wrapped: 1 }, b: { wrapped: [2] } }
      const newer = await open(NEXT)
      expect(await contentOf(newer)).toEqual(expected)
      await newer.close()
      expect(await contentOf(await open(NEXT))).toEqual(expected)
    },
  },
  {
    title: '[STO-10] adds tables to an older version, and takes several steps at once',
    run: async ({ open }) => {
      const first: SchemaStep[] = [{ creates: ['values'] }]
      const older = await open(first)
      await older.write((transaction) => transaction.put('values', 'a', 1))
      await older.close()
      const newer = await open([
        ...first,
        { creates: ['records', 'outbox'] },
        WRAPPING,
        { creates: ['conflicts'] },
      ])
      await newer.write((transaction) => transaction.put('outbox', '1', anyValue('outbox', 'entry')))
      expect(await contentOf(newer)).toEqual({ a: { wrapped: 1 } })
      expect(await contentOf(newer, 'conflicts')).toEqual({})
      expect(await contentOf(newer, 'outbox')).toEqual({ 1: 'entry' })
    },
  },
  {
    title: '[STO-10] a step that fails leaves the version before as it was',
    run: async ({ open }) => {
      const older = await open()
      await older.write((transaction) => transaction.put('values', 'a', 1))
      await older.close()
      const error = new Error('the step failed')
      const failing: SchemaStep = {
        creates: [],
        rewrite: async (transaction) => {
          await transaction.put('values', 'a', 'half done')
          throw error
        },
      }
      expect(await errorOf(open([...NEXT, failing]))).toBe(error)
      expect(await contentOf(await open())).toEqual({ a: 1 })
    },
  },
  {
    title: '[STO-10] instances that open a new store at the same moment make it once',
    run: async ({ open }) => {
      const stores = await Promise.all(Array.from({ length: 5 }, () => open(NEXT)))
      await Promise.all(
        stores.map((store, place) =>
          store.write((transaction) => transaction.put('values', String(place), place)),
        ),
      )
      for (const store of stores) expect(Object.keys(await contentOf(store))).toHaveLength(5)
    },
  },
  {
    title: '[STO-11] a store of a newer version is refused by name, and stays as it is',
    run: async ({ open }) => {
      const newer = await open(NEXT)
      await newer.write((transaction) => transaction.put('values', 'a', 'newer'))
      await newer.close()
      const refused = await errorOf(open())
      expect(refused).toMatchObject(NEWER)
      expect(String(refused)).toMatch(/update or reload the app/)
      expect(await contentOf(await open(NEXT))).toEqual({ a: 'newer' })
    },
  },
  {
    title: '[STO-11] an instance that is open while a newer version migrates does nothing any more',
    run: async ({ open }) => {
      const older = await open()
      await older.write((transaction) => transaction.put('values', 'a', 1))
      const newer = await open(NEXT)
      expect(await errorOf(older.write((transaction) => transaction.put('values', 'b', 1)))).toMatchObject(
        NEWER,
      )
      expect(await errorOf(contentOf(older))).toMatchObject(NEWER)
      expect(await contentOf(newer)).toEqual({ a: { wrapped: 1 } })
    },
  },
]
