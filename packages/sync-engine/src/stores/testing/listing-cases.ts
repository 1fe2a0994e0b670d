import { expect } from 'vitest'

import { type ListOptions, type LocalStore, sequenceKey } from '../../core/local-store.ts'
import type { StoreCase } from './store-case.ts'
import { errorOf, keysOf, TABLES } from './store-values.ts'

const SOME = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'a0', 'b/1', 'B', ' ', '~', 'a/~']
const SORTED = [' ', 'B', 'a', 'a/', 'a/1', 'a/10', 'a/2', 'a/~', 'a0', 'b/1', '~']

async function filled(store: LocalStore, keys: readonly string[] = SOME): Promise<LocalStore> {
  await store.write((transaction) =>
    transaction.putMany(
      'values',
      keys.map((key) => [key, `value of ${key}`] as const),
    ),
  )
  return store
}

const listed = (store: LocalStore, options?: ListOptions): Promise<string[]> =>
  store.read(async (transaction) => keysOf(await transaction.list('values', options)))

export const listingCases: readonly StoreCase[] = [
  {
    title: '[STO-3] lists in the order of the code units, whatever the order of writing',
    run: async ({ open }) => {
      const store = await filled(await open())
      expect(await listed(store)).toEqual(SORTED)
      expect(await listed(store, { reverse: true })).toEqual(SORTED.toReversed())
      expect(await store.read((transaction) => transaction.list('values', { limit: 1 }))).toEqual([
        [' ', 'value of  '],
      ])
    },
  },
  {
    title: '[STO-3] lists only what begins with the prefix',
    run: async ({ open }) => {
      const store = await filled(await open())
      expect(await listed(store, { prefix: 'a/' })).toEqual(['a/', 'a/1', 'a/10', 'a/2', 'a/~'])
      expect(await listed(store, { prefix: 'a/1', reverse: true })).toEqual(['a/10', 'a/1'])
      expect(await listed(store, { prefix: 'c' })).toEqual([])
      expect(await listed(store, { prefix: '~' })).toEqual(['~'])
      expect(await listed(store, { prefix: '' })).toEqual(SORTED)
    },
  },
  {
    title: '[STO-3] goes on behind a key in either direction, whether or not the key is there',
    run: async ({ open }) => {
      const store = await filled(await open())
      expect(await listed(store, { prefix: 'a/', after: 'a/1' })).toEqual(['a/10', 'a/2', 'a/~'])
      expect(await listed(store, { prefix: 'a/', after: 'a/11' })).toEqual(['a/2', 'a/~'])
      expect(await listed(store, { prefix: 'a/', after: 'a/10', reverse: true })).toEqual(['a/1', 'a/'])
      expect(await listed(store, { after: 'a' })).toEqual(SORTED.slice(3))
      expect(await listed(store, { after: '~' })).toEqual([])
      expect(await listed(store, { after: ' ', reverse: true })).toEqual([])
      expect(await listed(store, { prefix: 'a/', after: 'B' })).toHaveLength(5)
      expect(await listed(store, { prefix: 'a/', after: 'b' })).toEqual([])
      expect(await listed(store, { prefix: 'a/', after: 'b', reverse: true })).toHaveLength(5)
    },
  },
  {
    title: '[STO-3] lists at most as many as the limit says, from the end that is asked for',
    run: async ({ open }) => {
      const store = await filled(await open())
      expect(await listed(store, { limit: 3 })).toEqual(SORTED.slice(0, 3))
      expect(await listed(store, { limit: 3, reverse: true })).toEqual(['~', 'b/1', 'a0'])
      expect(await listed(store, { limit: 0 })).toEqual([])
      expect(await listed(store, { limit: 1000, prefix: 'a/', after: 'a/10' })).toEqual(['a/2', 'a/~'])
      expect(await listed(store, { limit: 1, prefix: 'a/', reverse: true })).toEqual(['a/~'])
      expect(await errorOf(listed(store, { limit: -1 }))).toMatchObject({ code: 'invalid_key' })
      expect(await errorOf(listed(store, { limit: 1.5 }))).toMatchObject({ code: 'invalid_key' })
    },
  },
  {
    title: '[STO-3] pages through everything once by the last key of each page',
    run: async ({ open }) => {
      const store = await filled(
        await open(),
        Array.from({ length: 50 }, (_, place) => sequenceKey(place)),
      )
      for (const reverse of [false, true]) {
        const seen: string[] = []
        for (let page = await listed(store, { limit: 7, reverse }); page.length > 0;) {
          seen.push(...page)
          page = await listed(store, { limit: 7, reverse, after: page.at(-1) ?? '' })
        }
        expect(seen).toHaveLength(50)
        expect(seen).toEqual(reverse ? seen.toSorted().toReversed() : seen.toSorted())
      }
    },
  },
  {
    title: '[STO-3] counts what is there, also by prefix',
    run: async ({ open }) => {
      const store = await filled(await open())
      await store.read(async (transaction) => {
        expect(await transaction.count('values')).toBe(11)
        expect(await transaction.count('values', { prefix: 'a/' })).toBe(5)
        expect(await transaction.count('values', { prefix: 'c' })).toBe(0)
        expect(await transaction.count('records')).toBe(0)
      })
    },
  },
  {
    title: '[STO-3] gets many in the order of the keys, with a gap where there is none',
    run: async ({ open }) => {
      const store = await filled(await open())
      await store.read(async (transaction) => {
        expect(await transaction.getMany('values', ['b/1', 'gone', ' ', 'b/1'])).toEqual([
          'value of b/1',
          undefined,
          'value of  ',
          'value of b/1',
        ])
        expect(await transaction.getMany('values', [])).toEqual([])
        expect(await transaction.get('values', 'gone')).toBeUndefined()
      })
    },
  },
  {
    title: '[STO-3] keeps its tables apart, and empties one without the others',
    run: async ({ open }) => {
      const store = await filled(await open(), ['one', 'two'])
      await store.write((transaction) => transaction.clear('outbox'))
      expect(await listed(store)).toEqual(['one', 'two'])
      await store.write((transaction) => transaction.clear('values'))
      for (const table of TABLES) {
        expect(await store.read((transaction) => transaction.count(table))).toBe(0)
      }
    },
  },
  {
    title: '[STO-4] refuses a key that is not printable ASCII, wherever one is given',
    run: async ({ open }) => {
      const store = await open()
      for (const key of ['tab\t', 'ü', 'nul\0', '\u007f', '\ud800']) {
        const refused = { code: 'invalid_key', name: 'StoreError' }
        expect(await errorOf(store.write((transaction) => transaction.put('values', key, 1)))).toMatchObject(
          refused,
        )
        expect(
          await errorOf(store.write((transaction) => transaction.delete('values', [key]))),
        ).toMatchObject(refused)
        expect(await errorOf(store.read((transaction) => transaction.get('values', key)))).toMatchObject(
          refused,
        )
        expect(await errorOf(listed(store, { prefix: key }))).toMatchObject(refused)
        expect(await errorOf(listed(store, { after: key }))).toMatchObject(refused)
      }
      expect(await listed(store)).toEqual([])
    },
  },
]
