import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.JSONSchema
type Scalar = string | number | boolean | null

/** What a JSON Schema allows, in the few forms that contracts use. */
export type Shape =
  | {
      readonly kind: 'object'
      readonly properties: Readonly<Record<string, Shape>>
      readonly required: ReadonlySet<string>
    }
  | { readonly kind: 'record'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'array'; readonly item: Shape; readonly min: number; readonly max: number }
  | {
      readonly kind: 'string'
      readonly min: number
      readonly max: number
      readonly pattern: RegExp | undefined
    }
  | { readonly kind: 'number'; readonly integer: boolean; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'literal'; readonly values: readonly Scalar[] }
  | { readonly kind: 'union'; readonly options: readonly Shape[] }
  | { readonly kind: 'named'; readonly name: string }

/** A shape with the named shapes it refers to, possibly in a circle. */
export type Shapes = { readonly root: Shape; readonly named: ReadonlyMap<string, Shape> }

/**
 * Reads the input side of a schema by way of its JSON Schema, so that what is tested is what is published.
 * @throws Error on a keyword it does not know: nothing is passed over silently
 */
export function shapesOf(schema: z.ZodType): Shapes {
  const document = z.toJSONSchema(schema, { io: 'input' })
  const named = Object.entries(document.$defs ?? {}).map(([name, part]) => [name, shapeOf(part)] as const)
  return { root: shapeOf(document), named: new Map(named) }
}

/** The shape itself where `shape` only names it. */
export function resolved(shape: Shape, { named }: Shapes): Exclude<Shape, { kind: 'named' }> {
  let found = shape
  while (found.kind === 'named') {
    const next = named.get(found.name)
    if (!next) throw new Error(`no definition of ${found.name}`)
    found = next
  }
  return found
}

const DEFINITION = '#/$defs/'

function shapeOf(schema: JsonSchema): Shape {
  if (schema.$ref?.startsWith(DEFINITION))
    return { kind: 'named', name: schema.$ref.slice(DEFINITION.length) }
  const options = schema.anyOf ?? schema.oneOf
  if (options) return { kind: 'union', options: options.map(shapeOf) }
  if (Array.isArray(schema.type))
    return { kind: 'union', options: schema.type.map((type) => shapeOf({ ...schema, type })) }
  if (schema.const !== undefined) return { kind: 'literal', values: [schema.const] }
  if (schema.enum) return { kind: 'literal', values: schema.enum }
  switch (schema.type) {
    case 'object':
      return objectShape(schema)
    case 'array':
      return {
        kind: 'array',
        item: partOf(schema.items),
        min: schema.minItems ?? 0,
        max: schema.maxItems ?? Infinity,
      }
    case 'string':
      return {
        kind: 'string',
        min: schema.minLength ?? 0,
        max: schema.maxLength ?? Infinity,
        pattern: schema.pattern === undefined ? undefined : new RegExp(schema.pattern),
      }
    case 'number':
    case 'integer':
      return {
        kind: 'number',
        integer: schema.type === 'integer',
        min: schema.minimum ?? -Number.MAX_VALUE,
        max: schema.maximum ?? Number.MAX_VALUE,
      }
    case 'boolean':
      return { kind: 'boolean' }
    case 'null':
      return { kind: 'literal', values: [null] }
    default:
      throw new Error(`no shape for the JSON Schema ${JSON.stringify(schema)}`)
  }
}

function objectShape(schema: JsonSchema): Shape {
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    return { kind: 'record', key: partOf(schema.propertyNames), value: partOf(schema.additionalProperties) }
  }
  const properties = Object.entries(schema.properties ?? {}).map(
    ([key, part]) => [key, partOf(part)] as const,
  )
  return { kind: 'object', properties: Object.fromEntries(properties), required: new Set(schema.required) }
}

function partOf(schema: JsonSchema['items']): Shape {
  if (typeof schema !== 'object' || Array.isArray(schema)) throw new Error('expected one schema')
  return shapeOf(schema)
}
