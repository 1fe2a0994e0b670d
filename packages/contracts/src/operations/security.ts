import { z } from 'zod'

import { DeviceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { PageInput } from './inputs.ts'
import { administration, listing, type Operation } from './operation.ts'

/** What a refused attempt tried to do. */
export const SECURITY_KINDS = ['credential', 'enrollment', 'sign_in'] as const
export const SecurityKind = z.enum(SECURITY_KINDS)
export type SecurityKind = z.infer<typeof SecurityKind>

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

/** A page of the security log; all given filters must match, `from` and `to` by the minute (OPS-79). */
export const SecurityEventsInput = z.strictObject({
  ...PageInput.shape,
  from: Instant.optional(),
  to: Instant.optional(),
  kind: SecurityKind.optional(),
  deviceId: DeviceId.optional(),
})
export type SecurityEventsInput = z.infer<typeof SecurityEventsInput>

/** The operations on the security log, as rows of the operation table. */
export const SECURITY_OPERATIONS = {
  'security.list': {
    ...listing,
    right: administration.right,
    scopes: administration.scopes,
    operationId: 'listSecurityEvents',
    summary: 'Refused attempts with credentials of the workspace, counted by the minute, newest first',
    path: '/v1/security/events',
    input: SecurityEventsInput,
    output: SecurityEventRecord,
  },
} as const satisfies Record<string, Operation>
