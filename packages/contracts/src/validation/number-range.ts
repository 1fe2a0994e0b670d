import { z } from 'zod'

export type NumberRange = { readonly min: number; readonly max: number }

/**
 * The minimum and maximum that a schema allows for a number at a path, for a program that shows them before a person
 * has typed one; undefined where there is no such path, or no number with both.
 */
export function numberRange(schema: z.ZodType, segments: readonly string[]): NumberRange | undefined {
  let at: unknown = schema
  for (const segment of segments) {
    const bare = withoutAbsence(at)
    at = bare instanceof z.ZodObject ? (bare.shape as Record<string, unknown>)[segment] : undefined
  }
  const number = withoutAbsence(at)
  if (!(number instanceof z.ZodNumber)) return undefined
  const { minValue, maxValue } = number
  return isBound(minValue) && isBound(maxValue) ? { min: minValue, max: maxValue } : undefined
}

const isBound = (value: number | null): value is number => Number.isFinite(value)

function withoutAbsence(schema: unknown): unknown {
  let bare = schema
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodNullable) bare = bare.unwrap()
  return bare
}
