import fc from 'fast-check'
import { expect } from 'vitest'

import type { ListOptions, WriteTransaction } from '../../core/local-store.ts'
import type { StoreCase } from './store-case.ts'

type Model = Map<string, number>
type Step =
  | { do: 'put'; entries: [string, number][] }
  | { do: 'delete'; keys: string[] }
  | { do: 'clear' }
  | { do: 'list'; options: ListOptions }
  | { do: 'getMany'; keys: string[] }
  | { do: 'count'; prefix: string }

// Few keys that lie close together, so that steps meet.
const key = fc.stringMatching(/^[ab~ ]{0,3}$/)
const options: fc.Arbitrary<ListOptions> = fc.record(
  { prefix: key, after: key, reverse: fc.boolean(), limit: fc.nat(4) },
  { requiredKeys: [] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    entries: fc.array(fc.tuple(key, fc.nat(99)), { maxLength: 6 }),
  }),
  fc.record({ do: fc.constant('delete' as const), keys: fc.array(key, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('list' as const), options }),
  fc.record({ do: fc.constant('getMany' as const), keys: fc.array(key, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('count' as const), prefix: key }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
)
const transaction = fc.record({
  instance: fc.nat(1),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  fails: fc.boolean(),
})

function modelList(
  model: Model,
  { prefix = '', after, reverse = false, limit }: ListOptions,
): [string, number][] {
  const keys = [...model.keys()].filter((name) => name.startsWith(prefix)).toSorted()
  const ordered = reverse ? keys.toReversed() : keys
  return ordered
    .filter((name) => after === undefined || (reverse ? name < after : name > after))
    .slice(0, limit)
    .map((name) => [name, model.get(name) ?? NaN])
}

async function take(store: WriteTransaction, model: Model, taken: Step): Promise<void> {
  switch (taken.do) {
    case 'put':
      await store.putMany('values', taken.entries)
      for (const [name, value] of taken.entries) model.set(name, value)
      return
    case 'delete':
      await store.delete('values', taken.keys)
      for (const name of taken.keys) model.delete(name)
      return
    case 'clear':
      await store.clear('values')
      model.clear()
      return
    case 'list':
      expect(await store.list('values', taken.options)).toEqual(modelList(model, taken.options))
      return
    case 'getMany':
      expect(await store.getMany('values', taken.keys)).toEqual(taken.keys.map((name) => model.get(name)))
      return
    case 'count':
      expect(await store.count('values', { prefix: taken.prefix })).toBe(
        modelList(model, { prefix: taken.prefix }).length,
      )
  }
}

const ROLLED_BACK = new Error('rolled back on purpose')

export const modelCase: StoreCase = {
  title: '[STO-1, STO-3, STO-6] does what an ordered map does, by random transactions of two instances',
  run: async ({ open, seed }) => {
    const stores = [await open(), await open()]
    const property = fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
      await stores[0]?.write((store) => store.clear('values'))
      let model: Model = new Map()
      for (const { instance, steps, fails } of transactions) {
        const changed: Model = new Map(model)
        const writing = stores[instance]?.write(async (store) => {
          for (const taken of steps) await take(store, changed, taken)
          if (fails) throw ROLLED_BACK
        })
        if (fails) await expect(writing).rejects.toBe(ROLLED_BACK)
        else await writing
        if (!fails) model = changed
        const seen = await stores[1 - instance]?.read((store) => store.list('values'))
        expect(seen).toEqual(modelList(model, {}))
      }
    })
    await fc.assert(property, { seed, numRuns: 40 })
  },
}
