import type { ValidationIssue } from '@fieldsync/contracts'
import { pointerTo } from '@fieldsync/contracts'
import type { Request } from 'express'

import { readQuery } from './query.ts'
import type { RestRoute } from './rest-route.ts'

/** The input of a procedure, and the issues that only a REST request can have. */
export type RestInput = { readonly input: unknown; readonly issues: ValidationIssue[] }

/** The input of a GET: its query and its path parameters. */
export function queryInput(route: RestRoute, req: Request): RestInput {
  const { input, issues } = readQuery(queryOf(req), route.numericKeys, route.parameters)
  return { input: { ...input, ...req.params }, issues }
}

/**
 * The input of a POST: its body. A path parameter must equal the body's key of that name (OPS-13), and a query is not
 * accepted.
 */
export function bodyInput(route: RestRoute, req: Request, body: unknown): RestInput {
  const issues: ValidationIssue[] = [...new URLSearchParams(queryOf(req)).keys()].map((key) => ({
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
