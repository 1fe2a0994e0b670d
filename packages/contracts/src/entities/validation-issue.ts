import { z } from 'zod'

/** One breach of the contract: where, as a JSON Pointer into the body, and what is wrong. */
export const ValidationIssue = z.object({ path: z.string(), message: z.string() })
export type ValidationIssue = z.infer<typeof ValidationIssue>

/** The maximum number of issues listed for one record (ERR-6). */
export const MAX_ISSUES_PER_RECORD = 10
/** The maximum number of issues listed for one request. */
export const MAX_ISSUES = 1000
