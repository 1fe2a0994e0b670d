import type { z } from 'zod'

import { TIME_WINDOW_PATTERN } from '../entities/playbook.ts'
import type { Breach, BreachCode } from '../entities/validation-issue.ts'
import { INSTANT_PATTERN } from '../instant.ts'
import type { RefinementCode } from '../text.ts'
import { pointerTo } from './pointer.ts'
import { structureBreach } from './structure.ts'

/**
 * Everything that is wrong with a value, in the order and with the paths and messages of `parseInput`; none for a value
 * that satisfies the schema. Pure: a device applies it to a stored record that a server has refused.
 */
export function breachesOf(schema: z.ZodType, input: unknown): Breach[] {
  const structure = structureBreach(input, [], 1)
  if (structure) return [structure]
  const result = schema.safeParse(input)
  return result.success ? [] : result.error.issues.flatMap((issue) => breachesOfIssue(issue, [], input))
}

/** The breaches that an issue of zod is, with their paths below `path`. */
export function breachesOfIssue(
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  input: unknown,
): Breach[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pointerTo([...path, ...issue.path, key]),
      message: 'is not a known key',
      code: 'unknown_key',
    }))
  }
  const at = pointerTo([...path, ...issue.path])
  // JSON has no undefined: an absent value is missing, whichever check of the schema reports it. The schema has read
  // every object and array on the way.
  const isMissing = issue.path.reduce<unknown>((held, key) => (held as Holder)[key], input) === undefined
  return [
    isMissing
      ? { path: at, message: 'is required', code: 'required' }
      : { path: at, message: issue.message, ...kindOf(issue) },
  ]
}

type Holder = Readonly<Record<PropertyKey, unknown>>
type Kind = Pick<Breach, 'code' | 'bound'>

function kindOf(issue: z.core.$ZodIssue): Kind {
  switch (issue.code) {
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum))
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum))
    case 'invalid_format':
      return { code: formatCode(issue) }
    case 'invalid_value':
      return { code: 'not_a_choice' }
    case 'invalid_type':
      return { code: issue.expected === 'int' ? 'not_whole' : 'wrong_type' }
    // No branch fits. A union of the contract is of types, or has a discriminator with a list of values.
    case 'invalid_union':
      return { code: issue.discriminator === undefined ? 'wrong_type' : 'not_a_choice' }
    case 'custom':
      return { code: refinementCode(issue.params) }
    default:
      return { code: 'other' }
  }
}

function tooSmall(origin: string, bound: number): Kind {
  if (origin === 'string') return { code: bound === 1 ? 'text_empty' : 'text_short', bound }
  return { code: origin === 'array' ? 'list_short' : 'number_small', bound }
}

function tooBig(origin: string, bound: number): Kind {
  if (origin === 'string') return { code: 'text_long', bound }
  return { code: origin === 'array' ? 'list_long' : 'number_large', bound }
}

/** The formats that a person types have a code of their own; the others are written by programs. */
function formatCode({ pattern }: z.core.$ZodIssueInvalidStringFormat): BreachCode {
  if (pattern === String(INSTANT_PATTERN)) return 'format_instant'
  return pattern === String(TIME_WINDOW_PATTERN) ? 'format_time_window' : 'format'
}

const REFINEMENTS: Readonly<Record<RefinementCode, BreachCode>> = {
  unstorable_text: 'unstorable_text',
  too_many_rules: 'too_many_rules',
}

function refinementCode(params: Readonly<Record<string, unknown>> | undefined): BreachCode {
  const code = params?.['code']
  return typeof code === 'string' && Object.hasOwn(REFINEMENTS, code)
    ? REFINEMENTS[code as RefinementCode]
    : 'other'
}
