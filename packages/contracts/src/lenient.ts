import { z } from 'zod'

/**
 * The same schema for reading answers: objects drop unknown keys instead of refusing them, at every depth, so that a
 * newer server does not break an older client (SHP-10).
 */
export function lenient<T extends z.ZodType>(schema: T): T {
  return loosen(schema) as T
}

// The walk keeps the output type: it only changes how unknown keys are treated.
function loosen(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(
      Object.entries(schema.shape).map(([key, value]) => [key, loosen(value as z.core.$ZodType)]),
    )
    return z.object(shape)
  }
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map(loosen))
  if (schema instanceof z.ZodArray) return z.array(loosen(schema.element))
  if (schema instanceof z.ZodOptional) return z.optional(loosen(schema.unwrap()))
  if (schema instanceof z.ZodNullable) return z.nullable(loosen(schema.unwrap()))
  if (schema instanceof z.ZodRecord) return z.record(schema.keyType, loosen(schema.valueType))
  return schema
}
