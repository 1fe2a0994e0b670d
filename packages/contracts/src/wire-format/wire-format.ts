import { z } from 'zod'

import {
  AUTH_ACTIONS,
  ERROR_TABLE,
  ErrorEnvelope,
  FORBIDDEN_REASONS,
  PEOPLE_REASONS,
  PUBLISHING_REASONS,
  SETTINGS_REASONS,
} from '../errors.ts'
import type { Operation } from '../operations/operation.ts'
import { SUBSCRIPTIONS } from '../operations/subscriptions.ts'
import { OPERATIONS } from '../operations/table.ts'
import { MAX_JSON_DEPTH } from '../validation/structure.ts'
import { CONTRACT_HEADER } from '../version.ts'

/**
 * Everything that a client can rely on, as plain JSON: routes, the JSON Schema of every input, output and event, the
 * error table. Prose and the order of keys are left out, so that only a change of the format changes it (SHP-11).
 */
export function wireFormat(): unknown {
  const operations = Object.entries(OPERATIONS).map(([name, operation]) => {
    const { method, path, alias, operationId, status, list, input, output }: Operation = operation
    return [
      name,
      {
        method,
        path,
        ...(alias ? { alias } : {}),
        operationId,
        status,
        list,
        input: schemaOf(input, 'input'),
        output: schemaOf(output, 'output'),
      },
    ]
  })
  const subscriptions = Object.entries(SUBSCRIPTIONS).map(([name, { input, event }]) => [
    name,
    { input: schemaOf(input, 'input'), event: schemaOf(event, 'output') },
  ])
  return {
    operations: Object.fromEntries(operations),
    subscriptions: Object.fromEntries(subscriptions),
    envelope: schemaOf(ErrorEnvelope, 'output'),
    errors: ERROR_TABLE,
    authActions: AUTH_ACTIONS,
    forbiddenReasons: [...FORBIDDEN_REASONS].sort(byCodeUnit),
    settingsReasons: [...SETTINGS_REASONS].sort(byCodeUnit),
    publishingReasons: [...PUBLISHING_REASONS].sort(byCodeUnit),
    peopleReasons: [...PEOPLE_REASONS].sort(byCodeUnit),
    maxJsonDepth: MAX_JSON_DEPTH,
    contractHeader: CONTRACT_HEADER,
  }
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): unknown =>
  withoutProse(z.toJSONSchema(schema, { io }))

function withoutProse(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutProse)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      // A field named `description` would be a schema, not text.
      .filter(([key, value]) => key !== 'description' || typeof value !== 'string')
      .map(([key, value]) => [
        key,
        key === 'required' && Array.isArray(value) ? value.map(String).sort(byCodeUnit) : withoutProse(value),
      ]),
  )
}

/** For texts that differ. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : 1)
