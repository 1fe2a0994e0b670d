import { z } from 'zod'

import { GRANT_ACTIONS, GrantAction } from '../access.ts'
import { JsonPointer } from '../entities/json-pointer.ts'
import { DeviceId, GrantId, PlaybookId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { PageInput } from './inputs.ts'
import { administration, listing, type Operation } from './operation.ts'

/** A holder has this many grants at most that were not ended (GRA-12). */
export const MAX_GRANTS = 100

/** What a grant allows, where and when (GRA rules). */
const extent = {
  playbookId: PlaybookId.nullable().describe('Null for every playbook of the workspace'),
  path: JsonPointer.describe('The place and all below it; empty for a whole playbook'),
  actions: z.array(GrantAction),
  notBefore: Instant.nullable().describe('First instant at which it holds; null for no beginning'),
  expiresAt: Instant.nullable().describe('First instant at which it holds no longer; null for no end'),
}

/** A grant of the caller, as its session names it: in force, not begun or over, but not ended by anybody. */
export const SessionGrant = z.object(extent).meta({ id: 'SessionGrant' })
export type SessionGrant = z.infer<typeof SessionGrant>

/** A grant with its holder and its history. */
export const GrantRecord = z
  .object({
    grantId: GrantId,
    deviceId: DeviceId.describe('Its holder: a device, or a person as the workspace knows it'),
    ...extent,
    byRole: z.boolean().describe('It came with the role of its holder, and ends with it'),
    grantedBy: DeviceId.nullable().describe('Null for the operator, and where it came with a role'),
    grantedAt: Instant,
    revokedAt: Instant.nullable(),
    revokedBy: DeviceId.nullable(),
  })
  .meta({ id: 'GrantRecord' })
export type GrantRecord = z.infer<typeof GrantRecord>

/** A page of grants; all given filters must match (OPS-55). */
export const GrantsInput = PageInput.extend({
  deviceId: DeviceId.optional().describe('Of this holder'),
  playbookId: PlaybookId.optional().describe('Of this playbook, those of every playbook included'),
  state: z.enum(['present', 'ended']).optional().describe('`ended` by somebody, or with a role'),
})
export type GrantsInput = z.infer<typeof GrantsInput>

export const CreateGrantInput = z
  .strictObject({
    deviceId: DeviceId,
    playbookId: PlaybookId.optional().describe('Without it, for every playbook'),
    path: JsonPointer,
    actions: z.array(GrantAction).min(1).max(GRANT_ACTIONS.length),
    notBefore: Instant.optional(),
    expiresAt: Instant.optional(),
  })
  .meta({ id: 'CreateGrantInput' })
export type CreateGrantInput = z.infer<typeof CreateGrantInput>

export const RevokeGrantInput = z.strictObject({ grantId: GrantId }).meta({ id: 'RevokeGrantInput' })
export type RevokeGrantInput = z.infer<typeof RevokeGrantInput>

/** Answer of `POST /v1/grants/{grantId}:revoke`. */
export const RevokedGrant = z
  .object({ grantId: GrantId, revokedAt: Instant, alreadyRevoked: z.boolean() })
  .meta({ id: 'RevokedGrant' })
export type RevokedGrant = z.infer<typeof RevokedGrant>

/** The operations on grants, as rows of the operation table. */
export const GRANT_OPERATIONS = {
  'grants.list': {
    ...listing,
    operationId: 'listGrants',
    summary:
      'Who may change what in the playbooks, newest first: everybody’s for admins, for others their own',
    path: '/v1/grants',
    scopes: ['read', 'admin'],
    input: GrantsInput,
    output: GrantRecord,
  },
  'grants.create': {
    ...administration,
    operationId: 'createGrant',
    summary: 'Let somebody change a part of the playbooks, for a time; nobody grants more than they hold',
    path: '/v1/grants',
    status: 201,
    input: CreateGrantInput,
    output: GrantRecord,
  },
  'grants.revoke': {
    method: 'POST',
    right: 'playbooks.patch',
    // Of others it takes `admin` (GRA-13).
    scopes: ['sync', 'admin'],
    list: false,
    operationId: 'revokeGrant',
    summary: 'End a grant, from its holder’s next request on',
    path: '/v1/grants/:grantId:revoke',
    status: 200,
    input: RevokeGrantInput,
    output: RevokedGrant,
  },
} as const satisfies Record<string, Operation>
