import fc from 'fast-check'
import type { z } from 'zod'

import { isStorableText } from '../../index.ts'
import { type Shape, type Shapes, shapesOf } from './shape.ts'

const ROOT = '(root)'

/** Valid inputs of a schema by construction: every optional key, bound, pattern and branch has its chance. */
export function arbitraryOf<S extends z.ZodType>(schema: S): fc.Arbitrary<z.input<S>> {
  // The shape comes from the schema itself, so what it allows is the schema's input.
  return valuesOf(shapesOf(schema)) as fc.Arbitrary<z.input<S>>
}

/** Values that the root of `shapes` allows. */
export function valuesOf(shapes: Shapes): fc.Arbitrary<unknown> {
  const { [ROOT]: root } = fc.letrec((tie) => {
    const parts = [...shapes.named, [ROOT, shapes.root] as const]
    return Object.fromEntries(parts.map(([name, shape]) => [name, build(shape, tie)]))
  })
  if (!root) throw new Error('no root')
  return root
}

function build(shape: Shape, tie: (name: string) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'named':
      return tie(shape.name)
    case 'union':
      // Beyond the depth fast-check takes the first option, which is a plain one in every schema that recurs.
      return fc.oneof(
        { maxDepth: 3, depthIdentifier: 'union' },
        ...shape.options.map((option) => build(option, tie)),
      )
    case 'literal':
      return fc.constantFrom(...shape.values)
    case 'boolean':
      return fc.boolean()
    case 'number':
      return shape.integer
        ? fc.integer({ min: shape.min, max: shape.max })
        : fc.double({ min: shape.min, max: shape.max, noNaN: true, noDefaultInfinity: true })
    case 'string':
      return shape.pattern ? matchingArbitrary(shape.pattern, shape) : textArbitrary(shape)
    case 'array':
      return fc.array(build(shape.item, tie), {
        minLength: shape.min,
        ...(Number.isFinite(shape.max) && { maxLength: shape.max }),
      })
    case 'record':
      return fc.dictionary(
        build(shape.key, tie)
          .map(String)
          .filter((key) => key !== '__proto__'),
        build(shape.value, tie),
        { noNullPrototype: true, maxKeys: 5 },
      )
    case 'object': {
      const properties = Object.entries(shape.properties).map(
        ([key, part]) => [key, build(part, tie)] as const,
      )
      return fc.record(Object.fromEntries(properties), {
        requiredKeys: [...shape.required],
        noNullPrototype: true,
      })
    }
  }
}

/** Longest text drawn at random; beyond it only the exact bound is tried. */
const USUAL_LENGTH = 40

const SURROGATES = { first: 0xd800, count: 0x800 }
const LAST_CODE_POINT = 0x10ffff

type Bounds = { readonly min: number; readonly max: number }

/** Storable text of `min` to `max` code points, now and then of exactly the most or the least. */
function textArbitrary({ min, max }: Bounds): fc.Arbitrary<string> {
  const unit = fc.oneof(plainCharacter, anyCharacter)
  const usual = fc.string({ unit, minLength: min, maxLength: Math.min(max, USUAL_LENGTH) })
  if (!Number.isFinite(max)) return usual
  const bounds = fc.constantFrom('x'.repeat(min), '🍇'.repeat(max))
  return fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: bounds })
}

/** Storable text that a pattern and a length allow. */
const matchingArbitrary = (pattern: RegExp, { min, max }: Bounds): fc.Arbitrary<string> =>
  fc
    .stringMatching(pattern, { maxLength: Math.min(max, 1000) })
    .filter((text) => isStorableText(text) && [...text].length >= min && [...text].length <= max)

const plainCharacter = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code))

/** Every code point but NUL and the surrogates. */
const anyCharacter = fc
  .integer({ min: 1, max: LAST_CODE_POINT - SURROGATES.count })
  .map((code) => String.fromCodePoint(code < SURROGATES.first ? code : code + SURROGATES.count))
