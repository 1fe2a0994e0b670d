import type { z } from 'zod'

import { MAX_ISSUES_PER_RECORD, type ValidationIssue } from '../entities/validation-issue.ts'
import { breachesOfIssue } from './breach.ts'
import { structureBreach } from './structure.ts'

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
  const breach = structureBreach(input, path, level)
  if (breach) return { ok: false, issues: [asIssue(breach)], more: 0 }
  const result = schema.safeParse(input)
  if (result.success) return { ok: true, value: result.data }
  const breaches = result.error.issues.flatMap((issue) => breachesOfIssue(issue, path, input))
  return {
    ok: false,
    issues: breaches.slice(0, MAX_ISSUES_PER_RECORD).map(asIssue),
    more: Math.max(0, breaches.length - MAX_ISSUES_PER_RECORD),
  }
}

// What goes over the wire has no code: a device finds it by `breachesOf`.
const asIssue = ({ path, message }: ValidationIssue): ValidationIssue => ({ path, message })
