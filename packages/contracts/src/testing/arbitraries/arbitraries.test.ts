import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { seededRuns } from '../seeded-runs.ts'
import { arbitraryOf } from './arbitrary-of.ts'
import { mutationOf } from './mutation-of.ts'

const Tree: z.ZodType = z
  .lazy(() => z.union([z.string().max(3), z.array(Tree).max(2), z.record(z.string(), Tree)]))
  .meta({ id: 'Tree' })

const Sample = z.strictObject({
  id: z
    .string()
    .max(20)
    .regex(/^dev_[a-z]+$/),
  note: z.string().min(1).max(50),
  share: z.number().min(0).max(1),
  count: z.int().min(1).optional(),
  flag: z.boolean(),
  when: z.enum(['now', 'later']).nullable(),
  items: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('a'), size: z.number() }),
        z.strictObject({ kind: z.literal('b') }),
      ]),
    )
    .min(1)
    .max(4),
  tree: Tree,
})

const sampled = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, seededRuns(2000))

describe('arbitraryOf', () => {
  const values = sampled(arbitraryOf(Sample))

  it('gives only what the schema allows', () => {
    expect(values.filter((value) => !Sample.safeParse(value).success)).toEqual([])
  })

  it('reaches every branch, the bounds, and optional keys both ways', () => {
    const reached = (test: (value: z.input<typeof Sample>) => boolean) => values.some(test)
    expect([
      reached(({ when }) => when === null),
      reached(({ when }) => when === 'later'),
      reached((value) => 'count' in value),
      reached((value) => !('count' in value)),
      reached(({ note }) => [...note].length === 50),
      reached(({ note }) => note.length === 1),
      reached(({ share }) => share === 1),
      reached(({ items }) => items.length === 4),
      reached(({ items }) => items.some(({ kind }) => kind === 'b')),
      reached(({ tree }) => Array.isArray(tree) && Array.isArray(tree[0])),
    ]).toEqual(new Array(10).fill(true))
  })

  it('says which schema it cannot read', () => {
    expect(() => arbitraryOf(z.tuple([z.string()]))).toThrow('expected one schema')
    expect(() => arbitraryOf(z.unknown())).toThrow('no shape for the JSON Schema')
  })
})

describe('mutationOf', () => {
  const mutations = sampled(mutationOf(Sample))

  it('gives only what a schema refuses that keeps text storable and numbers finite', () => {
    const storable = mutations.filter(({ fault }) => !/NUL|surrogate/.test(fault))
    expect(storable.filter(({ input }) => Sample.safeParse(input).success)).toEqual([])
  })

  it('makes every kind of fault', () => {
    const at = (fault: string) =>
      mutations.filter((mutation) => mutation.fault === fault).map(({ path }) => path.join('/'))
    expect(at('without kind')).toContain('items/0/kind')
    expect(at('an unknown key')).toContain('items/0/unknownKey')
    expect(at('below the least')).toContain('share')
    expect(at('above the most')).toContain('share')
    expect(at('not whole')).toContain('count')
    expect(at('too long')).toContain('note')
    expect(at('too short')).toContain('note')
    expect(at('too few items')).toContain('items')
    expect(at('too many items')).toContain('items')
    expect(at('against the pattern')).toContain('id')
    expect(at('a NUL')).toContain('note')
    expect(at('a lone surrogate')).toContain('tree')
    expect(at('outside the enumeration: NOW')).toContain('when')
    expect(at('too large for a double')).toContain('share')
  })
})
