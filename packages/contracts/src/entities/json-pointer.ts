import { z } from 'zod'

import { isStorableText, MAX_SHORT_TEXT, UNSTORABLE } from '../text.ts'

/** A JSON Pointer (RFC 6901): empty, or segments that each start with `/`; `~` only as `~0` or `~1`. */
export const JsonPointer = z
  .string()
  .max(MAX_SHORT_TEXT)
  .regex(
    /^(?:\/(?:[^~/]|~[01])*)*$/,
    'must be a JSON Pointer, such as /rules/rule_pm_moderate/constraints/maxWindKph',
  )
  .refine(isStorableText, UNSTORABLE)
export type JsonPointer = z.infer<typeof JsonPointer>
