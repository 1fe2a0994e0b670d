import type { ValidationIssue } from '@fieldsync/contracts'
import { pointerTo } from '@fieldsync/contracts'
import { z } from 'zod'

export type QueryInput = { readonly input: Record<string, unknown>; readonly issues: ValidationIssue[] }

const DIGITS = /^\d{1,15}$/

/** The keys of an input that a query string must read as numbers. */
export const numericKeys = (input: z.ZodObject): ReadonlySet<string> =>
  new Set(
    Object.entries(input.shape)
      .filter(([, field]) => (field instanceof z.ZodOptional ? field.unwrap() : field) instanceof z.ZodNumber)
      .map(([key]) => key),
  )

/**
 * Reads a query string: every key once, numbers from digits only; the contract reports all other errors.
 *
 * @param taken keys that come from the path and so are unknown here
 */
export function readQuery(query: string, numeric: ReadonlySet<string>, taken: readonly string[]): QueryInput {
  const input: Record<string, unknown> = {}
  const issues: ValidationIssue[] = []
  const seen = new Set<string>()
  for (const [key, value] of new URLSearchParams(query)) {
    if (taken.includes(key)) issues.push({ path: pointerTo([key]), message: 'is not a known key' })
    else if (seen.has(key)) issues.push({ path: pointerTo([key]), message: 'must be given once' })
    // Defined, not assigned: a key named __proto__ stays a key.
    else Object.defineProperty(input, key, { value: read(key, value), enumerable: true, configurable: true })
    seen.add(key)
  }
  return { input, issues }

  function read(key: string, value: string): unknown {
    return numeric.has(key) && DIGITS.test(value) ? Number(value) : value
  }
}
