import { z } from 'zod'

/** Hash of every current record of a workspace, whatever their order: 64 lower-case hex digits (HSH-1). */
export const StateHash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
export type StateHash = z.infer<typeof StateHash>
