import fc from 'fast-check'
import type { z } from 'zod'

import { valuesOf } from './arbitrary-of.ts'
import { resolved, type Shape, type Shapes, shapesOf } from './shape.ts'

/** An input with exactly one fault. `fault` says which, `path` where, as keys from the root. */
export type Mutation = {
  readonly input: unknown
  readonly fault: string
  readonly path: readonly (string | number)[]
}

type Site = {
  readonly shape: Shape
  readonly value: unknown
  readonly replace: (value: unknown) => unknown
  readonly path: Mutation['path']
}

/**
 * Inputs that miss a schema by one fault: a required key dropped, an unknown key, another type, a number or
 * length out of bounds, text that breaks its pattern or cannot be stored, a value outside an enumeration.
 * They are as a JSON parser would give them; `Infinity` stands for a number too large for a double.
 */
export function mutationOf(schema: z.ZodType): fc.Arbitrary<Mutation> {
  const shapes = shapesOf(schema)
  return fc
    .tuple(valuesOf(shapes), fc.nat(), fc.nat())
    .map(([value, site, fault]) => {
      const sites = [...sitesOf({ shape: shapes.root, value, replace: (whole) => whole, path: [] }, shapes)]
      const faults = sites.map((at) => faultsAt(at, shapes)).filter((list) => list.length > 0)
      const chosen = faults[site % faults.length]
      return chosen?.[fault % chosen.length]
    })
    .filter((mutation) => mutation !== undefined)
}

/** The site and every site below it. */
function* sitesOf(site: Site, shapes: Shapes): Generator<Site> {
  yield site
  const shape = branchOf(site, shapes)
  if (Array.isArray(site.value) && shape.kind === 'array') {
    const array: readonly unknown[] = site.value
    for (const [i, item] of array.entries()) {
      yield* sitesOf(
        below(site, i, shape.item, item, (value) => array.with(i, value)),
        shapes,
      )
    }
  } else if (isObject(site.value) && (shape.kind === 'object' || shape.kind === 'record')) {
    const object = site.value
    for (const [key, part] of Object.entries(object)) {
      const partShape = shape.kind === 'object' ? shape.properties[key] : shape.value
      if (partShape)
        yield* sitesOf(
          below(site, key, partShape, part, (value) => ({ ...object, [key]: value })),
          shapes,
        )
    }
  }
}

const below = (
  site: Site,
  key: string | number,
  shape: Shape,
  value: unknown,
  change: (value: unknown) => unknown,
): Site => ({
  shape,
  value,
  replace: (changed) => site.replace(change(changed)),
  path: [...site.path, key],
})

function faultsAt(site: Site, shapes: Shapes): Mutation[] {
  const shape = branchOf(site, shapes)
  const faulty = (fault: string, value: unknown, path = site.path): Mutation => ({
    fault,
    path,
    input: site.replace(value),
  })
  const otherTypes = [null, true, 7, '7', [], {}].filter((other) => !allows(site.shape, other, shapes))
  const retyped = otherTypes.map((other) => faulty(`another type: ${JSON.stringify(other)}`, other))
  return [...retyped, ...ownFaults(site, shape, faulty, (other) => allows(site.shape, other, shapes))]
}

type Faulty = (fault: string, value: unknown, path?: Mutation['path']) => Mutation

function ownFaults(
  { value, path }: Site,
  shape: Exclude<Shape, { kind: 'named' }>,
  faulty: Faulty,
  allowed: (other: unknown) => boolean,
): Mutation[] {
  switch (shape.kind) {
    case 'object': {
      if (!isObject(value)) return []
      const dropped = [...shape.required].map((key) => {
        const { [key]: _dropped, ...rest } = value
        return faulty(`without ${key}`, rest, [...path, key])
      })
      return [...dropped, faulty('an unknown key', { ...value, unknownKey: 1 }, [...path, 'unknownKey'])]
    }
    case 'array': {
      if (!Array.isArray(value)) return []
      const tooMany = Number.isFinite(shape.max) && value.length > 0
      return [
        ...(shape.min > 0 ? [faulty('too few items', value.slice(0, shape.min - 1))] : []),
        ...(tooMany ? [faulty('too many items', new Array(shape.max + 1).fill(value[0]))] : []),
      ]
    }
    case 'string':
      return stringFaults(String(value), shape, faulty)
    case 'number':
      return [
        faulty('too large for a double', Infinity),
        ...(shape.min > -Number.MAX_VALUE
          ? [faulty('below the least', shape.integer ? shape.min - 1 : shape.min - 1e-9)]
          : []),
        ...(shape.max < Number.MAX_VALUE
          ? [faulty('above the most', shape.integer ? shape.max + 1 : shape.max + 1e-9)]
          : []),
        ...(shape.integer ? [faulty('not whole', 1.5)] : []),
      ]
    case 'literal':
      return ['no_such_value', String(value).toUpperCase()]
        .filter((other) => !allowed(other))
        .map((other) => faulty(`outside the enumeration: ${other}`, other))
    case 'boolean':
    case 'record':
    case 'union':
      return []
  }
}

function stringFaults(
  value: string,
  { min, max, pattern }: Extract<Shape, { kind: 'string' }>,
  faulty: Faulty,
): Mutation[] {
  const unmatched = pattern
    ? [`!${value}`, `${value}\n`, value.slice(0, -1), ''].filter((text) => !pattern.test(text))
    : []
  return [
    ...unmatched.map((text) => faulty('against the pattern', text)),
    ...(min > 0 ? [faulty('too short', '')] : []),
    ...(Number.isFinite(max)
      ? [faulty('too long', value + 'x'.repeat(Math.max(1, max + 1 - [...value].length)))]
      : []),
    faulty('a NUL', `${value}\0`),
    faulty('a lone surrogate', `${value}\ud800`),
  ]
}

/** The shape that `value` was made by: through names, and for a union the option it fits. */
function branchOf(
  { shape, value }: Pick<Site, 'shape' | 'value'>,
  shapes: Shapes,
): Exclude<Shape, { kind: 'named' }> {
  const whole = resolved(shape, shapes)
  if (whole.kind !== 'union') return whole
  const option = whole.options.find((candidate) => allows(candidate, value, shapes))
  return option ? branchOf({ shape: option, value }, shapes) : whole
}

/** Whether a value has the type of a shape, and for objects the constants that tell the options apart. */
function allows(shape: Shape, value: unknown, shapes: Shapes): boolean {
  const whole = resolved(shape, shapes)
  switch (whole.kind) {
    case 'union':
      return whole.options.some((option) => allows(option, value, shapes))
    case 'literal':
      return whole.values.some((allowed) => allowed === value)
    case 'array':
      return Array.isArray(value)
    case 'record':
      return isObject(value)
    case 'object':
      return (
        isObject(value) &&
        Object.entries(whole.properties).every(
          ([key, part]) => part.kind !== 'literal' || !(key in value) || allows(part, value[key], shapes),
        )
      )
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === whole.kind
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
