import type { z } from 'zod'

import { MAX_ISSUES_PER_RECORD, type ValidationIssue } from '../entities/validation-issue.ts'
import { pointerTo } from './pointer.ts'
import { structureIssue } from './structure.ts'

/** A value that satisfies the contract, or everything that is wrong with it. `more`: issues found but not listed. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; issues: ValidationIssue[]; more: number }

/**
 * Reads an untrusted value by a schema: structure first, then shape. Never throws; lists at most ten issues.
 *
 * @param path where the value is in the body, so that issues point into the body
 * @param level nesting level of the value in the body (the body itself is 1)
 */
export function parseInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  path: readonly (string | number)[] = [],
  level = 1,
): Parsed<z.output<S>> {
  const breach = structureIssue(input, path, level)
  if (breach) return { ok: false, issues: [breach], more: 0 }
  const result = schema.safeParse(input)
  if (result.success) return { ok: true, value: result.data }
  const issues = result.error.issues.flatMap((issue) => toIssues(issue, path, input))
  return {
    ok: false,
    issues: issues.slice(0, MAX_ISSUES_PER_RECORD),
    more: Math.max(0, issues.length - MAX_ISSUES_PER_RECORD),
  }
}

function toIssues(
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  input: unknown,
): ValidationIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pointerTo([...path, ...issue.path, key]),
      message: 'is not a known key',
    }))
  }
  const missing = valueAt(input, issue.path) === undefined
  return [{ path: pointerTo([...path, ...issue.path]), message: missing ? 'is required' : issue.message }]
}

// JSON has no undefined: an absent value is missing, whichever check of the schema reports it.
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
