import { z } from 'zod'

import { Instant } from '../instant.ts'
import { PageInput } from './inputs.ts'
import { administration, listing, type Operation } from './operation.ts'

/** Attempts of one kind in one minute that were refused, with a credential of the workspace (AUD-20). */
export const SecurityEventRecord = z
  .object({
    minute: Instant.describe('When it began'),
    kind: z.string().describe('`credential`, `enrollment` or `sign_in`'),
    reason: z.string().describe('As in the error’s details, else its code'),
    deviceId: z.string().nullable(),
    count: z.int().min(1),
    address: z.string().nullable().describe('Where the last one came from'),
    lastAt: Instant,
  })
  .meta({ id: 'SecurityEventRecord' })
export type SecurityEventRecord = z.infer<typeof SecurityEventRecord>

/** The operations on the security log, as rows of the operation table. */
export const SECURITY_OPERATIONS = {
  'security.list': {
    ...listing,
    right: administration.right,
    scopes: administration.scopes,
    operationId: 'listSecurityEvents',
    summary: 'Refused attempts with credentials of the workspace, counted by the minute, newest first',
    path: '/v1/security/events',
    input: PageInput,
    output: SecurityEventRecord,
  },
} as const satisfies Record<string, Operation>
