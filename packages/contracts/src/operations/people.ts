import { z } from 'zod'

import { DeviceRole } from '../access.ts'
import { DeviceId, InvitationId, PersonId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { Email, INVITATION_SECONDS, PersonName } from '../people/person.ts'
import { PageInput } from './inputs.ts'
import { administration, listing, type Operation } from './operation.ts'

export const InvitePersonInput = z
  .strictObject({
    email: Email,
    name: PersonName.optional(),
    role: DeviceRole,
    validForSeconds: z
      .int()
      .min(INVITATION_SECONDS.least)
      .max(INVITATION_SECONDS.most)
      .optional()
      .describe(`By default ${INVITATION_SECONDS.default}`),
  })
  .meta({ id: 'InvitePersonInput' })
export type InvitePersonInput = z.infer<typeof InvitePersonInput>

export const WithdrawInvitationInput = z
  .strictObject({ invitationId: InvitationId })
  .meta({ id: 'WithdrawInvitationInput' })
export type WithdrawInvitationInput = z.infer<typeof WithdrawInvitationInput>

export const SetPersonRoleInput = z
  .strictObject({ personId: PersonId, role: DeviceRole })
  .meta({ id: 'SetPersonRoleInput' })
export type SetPersonRoleInput = z.infer<typeof SetPersonRoleInput>

export const EndAccessInput = z.strictObject({ personId: PersonId }).meta({ id: 'EndAccessInput' })
export type EndAccessInput = z.infer<typeof EndAccessInput>

export const ResetLinkInput = z.strictObject({ personId: PersonId }).meta({ id: 'ResetLinkInput' })
export type ResetLinkInput = z.infer<typeof ResetLinkInput>

/** A person in the workspace. */
export const PersonRecord = z
  .object({
    personId: PersonId,
    deviceId: DeviceId.describe('The person as the workspace’s records name them'),
    name: z.string(),
    email: z.string(),
    role: DeviceRole,
    twoFactor: z.boolean().describe('Whether they sign in with a second factor'),
    joinedAt: Instant,
    lastSignInAt: Instant.nullable().describe('Null where they have not signed in yet'),
    endedAt: Instant.nullable().describe('When their access to the workspace ended; null while they have it'),
  })
  .meta({ id: 'PersonRecord' })
export type PersonRecord = z.infer<typeof PersonRecord>

const invited = {
  invitationId: InvitationId,
  email: z.string(),
  name: z.string().nullable(),
  role: DeviceRole,
}

export const INVITATION_STATES = ['open', 'accepted', 'withdrawn', 'expired'] as const

/** An invitation, without its code. */
export const InvitationRecord = z
  .object({
    ...invited,
    state: z.enum(INVITATION_STATES),
    createdAt: Instant,
    expiresAt: Instant,
    invitedBy: DeviceId.nullable().describe('Null for the operator'),
  })
  .meta({ id: 'InvitationRecord' })
export type InvitationRecord = z.infer<typeof InvitationRecord>

const link = z
  .string()
  .nullable()
  .describe('The one-time link, in the first answer only; null in a replay, since it is not stored')

/** Answer of `POST /v1/people/invitations`. */
export const InvitedPerson = z.object({ ...invited, expiresAt: Instant, link }).meta({ id: 'InvitedPerson' })
export type InvitedPerson = z.infer<typeof InvitedPerson>

/** Answer of `POST /v1/people/invitations/{invitationId}:withdraw`. */
export const WithdrawnInvitation = z
  .object({ invitationId: InvitationId, withdrawnAt: Instant, alreadyWithdrawn: z.boolean() })
  .meta({ id: 'WithdrawnInvitation' })
export type WithdrawnInvitation = z.infer<typeof WithdrawnInvitation>

/** Answer of `POST /v1/people/{personId}:setRole`. */
export const PersonRoleChange = z
  .object({
    personId: PersonId,
    deviceId: DeviceId,
    role: DeviceRole,
    previousRole: DeviceRole,
    changed: z.boolean().describe('False where the person had this role already'),
  })
  .meta({ id: 'PersonRoleChange' })
export type PersonRoleChange = z.infer<typeof PersonRoleChange>

/** Answer of `POST /v1/people/{personId}:endAccess`. */
export const EndedAccess = z
  .object({ personId: PersonId, deviceId: DeviceId, endedAt: Instant, alreadyEnded: z.boolean() })
  .meta({ id: 'EndedAccess' })
export type EndedAccess = z.infer<typeof EndedAccess>

/** Answer of `POST /v1/people/{personId}:resetLink`. */
export const CreatedResetLink = z
  .object({ personId: PersonId, expiresAt: Instant, link })
  .meta({ id: 'CreatedResetLink' })
export type CreatedResetLink = z.infer<typeof CreatedResetLink>

/** The operations on people, as rows of the operation table. */
export const PEOPLE_OPERATIONS = {
  'people.list': {
    ...listing,
    operationId: 'listPeople',
    summary: 'People of the workspace, the newest first, also those whose access has ended',
    path: '/v1/people',
    right: 'admin',
    scopes: ['admin'],
    input: PageInput,
    output: PersonRecord,
  },
  'people.invitations': {
    ...listing,
    operationId: 'listInvitations',
    summary: 'Invitations to the workspace, the newest first',
    path: '/v1/people/invitations',
    right: 'admin',
    scopes: ['admin'],
    input: PageInput,
    output: InvitationRecord,
  },
  'people.invite': {
    ...administration,
    operationId: 'invitePerson',
    summary: 'Invite a person with a role, by a one-time link that is in this answer and never again',
    path: '/v1/people/invitations',
    status: 201,
    input: InvitePersonInput,
    output: InvitedPerson,
    hasSecret: true,
  },
  'people.withdrawInvitation': {
    ...administration,
    operationId: 'withdrawInvitation',
    summary: 'End an invitation that was not accepted',
    path: '/v1/people/invitations/:invitationId:withdraw',
    status: 200,
    input: WithdrawInvitationInput,
    output: WithdrawnInvitation,
  },
  'people.setRole': {
    ...administration,
    operationId: 'setPersonRole',
    summary: 'Change what a person may do in the workspace, from their next request on',
    path: '/v1/people/:personId:setRole',
    status: 200,
    input: SetPersonRoleInput,
    output: PersonRoleChange,
  },
  'people.endAccess': {
    ...administration,
    operationId: 'endAccess',
    summary: 'Refuse a person in this workspace from their next request on',
    path: '/v1/people/:personId:endAccess',
    status: 200,
    input: EndAccessInput,
    output: EndedAccess,
  },
  'people.resetLink': {
    ...administration,
    operationId: 'createResetLink',
    summary: 'Let a person set a new password, by a one-time link that is in this answer and never again',
    path: '/v1/people/:personId:resetLink',
    status: 200,
    input: ResetLinkInput,
    output: CreatedResetLink,
    hasSecret: true,
  },
} as const satisfies Record<string, Operation>
