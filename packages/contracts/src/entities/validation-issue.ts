import { z } from 'zod'

/** One breach of the contract: where, as a JSON Pointer into the body, and what is wrong. */
export const ValidationIssue = z.object({ path: z.string(), message: z.string() })
export type ValidationIssue = z.infer<typeof ValidationIssue>

/** The maximum number of issues listed for one record (ERR-6). */
export const MAX_ISSUES_PER_RECORD = 10
/** The maximum number of issues listed for one request. */
export const MAX_ISSUES = 1000

/**
 * The kinds of breaches, for a program that describes one in the language of its user. An app of a later version may
 * know more: the kind of a breach is never on the wire.
 */
export const BREACH_CODES = [
  'required',
  'unknown_key',
  'wrong_type',
  'not_whole',
  'not_a_choice',
  'number_small',
  'number_large',
  'text_empty',
  'text_short',
  'text_long',
  'list_short',
  'list_long',
  'format',
  'format_instant',
  'format_time_window',
  'unstorable_text',
  'too_many_rules',
  'too_deep',
  'too_large',
  'too_many_keys',
  'not_editable',
  'not_granted',
  'not_applicable',
  'other',
] as const
export type BreachCode = (typeof BREACH_CODES)[number]

/** A breach of the contract as a program knows it: what an issue says, with its kind, and the bound that it exceeds. */
export type Breach = ValidationIssue & {
  readonly code: BreachCode
  /** Of a number, a length or a count: the bound that it exceeds. */
  readonly bound?: number
}
