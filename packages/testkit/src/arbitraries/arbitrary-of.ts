import fc from 'fast-check'
import type { z } from 'zod'

import { type Shape, type Shapes, shapesOf } from './shape.ts'
import { matchingArbitrary, textArbitrary } from './text.ts'

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
