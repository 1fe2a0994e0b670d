import { describe, expect, it } from 'vitest'
import type { z } from 'zod'

import { parseInput } from '../validation/parse-input.ts'
import type { FieldValues } from './field-values.ts'
import { altered, without } from './index.ts'

/** What the protocol specifies for a shape, field by field, independent of its schema. */
export type ShapeTable = {
  readonly name: string
  readonly schema: z.ZodType
  /** A value with every field present, optional ones too. */
  readonly full: unknown
  /** Every field that is not an object or an array, by its JSON Pointer in `full`; arrays if they have bounds. */
  readonly fields: Readonly<Record<string, FieldValues>>
  /** Pointers of the optional fields, objects and arrays included. */
  readonly optional: readonly string[]
}

/** Declares the tests of one shape. */
export function testShape({ name, schema, full, fields, optional }: ShapeTable): void {
  const accepts = (value: unknown) => parseInput(schema, value).ok
  const pointers = [...pointersIn(full)]

  describe(name, () => {
    it('[SHP-9] is read as it was sent, with every field present', () => {
      const read = parseInput(schema, full)
      expect(read).toEqual({ ok: true, value: full })
    })

    it('[SHP-2] has no field that is missing in this table', () => {
      const leaves = pointers
        .filter(({ value }) => typeof value !== 'object' || value === null)
        .map(({ at }) => at)
      expect(leaves.filter((at) => !/\/\d+$/.test(at) && !(at in fields))).toEqual([])
    })

    it.each(Object.entries(fields))(
      '[SHP-2] %s takes values at its bounds and none beyond',
      (at, { accepted, refused }) => {
        expect(accepted.filter((value) => !accepts(altered(full, at, value)))).toEqual([])
        expect(refused.filter((value) => accepts(altered(full, at, value)))).toEqual([])
      },
    )

    it('[SHP-2] only optional fields may be left out, and a required one is named', () => {
      for (const { at, key } of pointers) {
        if (/^\d+$/.test(key)) continue
        const read = parseInput(schema, without(full, at))
        if (optional.includes(at)) expect(read.ok, at).toBe(true)
        else expect(read, at).toMatchObject({ ok: false, issues: [{ path: at, message: 'is required' }] })
      }
    })

    it('[SHP-1] an unknown key is refused at every depth, and named', () => {
      const objects = ['', ...pointers.filter(({ value }) => isObject(value)).map(({ at }) => at)]
      for (const at of objects) {
        const read = parseInput(schema, altered(full, `${at}/color`, 'red'))
        expect(read).toMatchObject({ ok: false, issues: [{ path: `${at}/color` }], more: 0 })
      }
    })

    it.each([null, true, 7, 'text', [[]]].map((value) => [JSON.stringify(value), value]))(
      '[SHP-1] %s is no such object',
      (_, value) => {
        expect(parseInput(schema, value)).toMatchObject({ ok: false, issues: [{ path: '' }] })
      },
    )
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Place = { at: string; key: string; value: unknown }

function* pointersIn(value: unknown, at = ''): Generator<Place> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) {
    yield { at: `${at}/${key}`, key, value: part }
    yield* pointersIn(part, `${at}/${key}`)
  }
}
