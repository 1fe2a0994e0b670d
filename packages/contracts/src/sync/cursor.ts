import { z } from 'zod'

import { isStorableText, UNSTORABLE } from '../text.ts'

/** Opaque token for a position in the workspace's commit-ordered change log (CUR-1). */
export const ServerCursor = z.string().max(1024).refine(isStorableText, UNSTORABLE)
export type ServerCursor = z.infer<typeof ServerCursor>

/** The initial value of every client. */
export const START_CURSOR = ''

/** True for `""` and for the start value of old apps, `cur_YYYYMMDD_0000` (CUR-2). */
export const isStartCursor = (cursor: ServerCursor): boolean =>
  cursor === START_CURSOR || /^cur_\d{8}_0000$/.test(cursor)
