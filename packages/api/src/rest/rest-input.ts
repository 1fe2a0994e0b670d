import type { ValidationIssue } from '@fieldsync/contracts'
import { pointerTo } from '@fieldsync/contracts'
import type { Request } from 'express'

import type { RestRoute } from './rest-route.ts'

const DIGITS = /^\d{1,15}$/
const DECIMAL = /^-?\d{1,15}(\.\d{1,15})?$/

/** The input of a procedure, and the issues that only a REST request can have. */
export type RestInput = { readonly input: unknown; readonly issues: ValidationIssue[] }

/** The input of a GET: its query and its path parameters. */
export function queryInput(route: RestRoute, req: Request): RestInput {
  const { input, issues } = readQuery(queryOf(req), route)
  return { input: { ...input, ...req.params }, issues }
}

/**
 * The input of a POST: its body. A path parameter must equal the body's key of that name (OPS-13), and a query is not
 * accepted.
 */
export function bodyInput(route: RestRoute, req: Request, body: unknown): RestInput {
  const query = queryOf(req)
  const keys = query === '' ? [] : [...new URLSearchParams(query).keys()]
  const issues: ValidationIssue[] = keys.map((key) => ({
    path: pointerTo([key]),
    message: 'is not a known query key',
  }))
  for (const name of route.parameters) {
    const inBody = keyOf(body, name)
    if (inBody !== undefined && inBody !== req.params[name]) {
      issues.push({ path: pointerTo([name]), message: `must equal the ${name} of the path` })
    }
  }
  return { input: body, issues }
}

function queryOf({ originalUrl }: Request): string {
  const start = originalUrl.indexOf('?')
  return start < 0 ? '' : originalUrl.slice(start + 1)
}

function keyOf(body: unknown, key: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, key)
    ? Reflect.get(body, key)
    : undefined
}

type QueryInput = { readonly input: Record<string, unknown>; readonly issues: ValidationIssue[] }

/**
 * Reads a query string: every key once, numbers from digits only; the contract reports all other errors. Keys that come from
 * the path are unknown here.
 */
function readQuery(query: string, { numericKeys, decimalKeys, parameters: taken }: RestRoute): QueryInput {
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
    const form = numericKeys.has(key) ? DIGITS : decimalKeys.has(key) ? DECIMAL : undefined
    return form?.test(value) ? Number(value) : value
  }
}
