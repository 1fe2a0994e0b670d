import { z } from 'zod'

import { DeviceId, ServiceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { ClientId, EcPublicJwk, ServiceScope } from '../oauth.ts'
import { KeyFingerprint } from './enrollment.ts'
import { PageInput } from './inputs.ts'
import { administration, listing, type Operation } from './operation.ts'

/** A service is granted this many devices at most. */
export const MAX_GRANTED_DEVICES = 1000

const scopes = z.array(ServiceScope).min(1).max(ServiceScope.options.length)
const deviceIds = z
  .array(DeviceId)
  .max(MAX_GRANTED_DEVICES)
  .describe('The devices that it may create records for')
const publicKeyJwk = EcPublicJwk.optional().describe('Its public key; without one it gets a secret')

export const CreateServiceInput = z
  .strictObject({ serviceId: ServiceId, scopes, deviceIds: deviceIds.optional(), publicKeyJwk })
  .meta({ id: 'CreateServiceInput' })
export type CreateServiceInput = z.infer<typeof CreateServiceInput>

export const RotateServiceInput = z
  .strictObject({
    serviceId: ServiceId,
    publicKeyJwk,
    endPrevious: z
      .enum(['at_first_use', 'now'])
      .optional()
      .describe('When the earlier key or secret ends: by default, at the first use of the new one'),
  })
  .meta({ id: 'RotateServiceInput' })
export type RotateServiceInput = z.infer<typeof RotateServiceInput>

export const GrantServiceInput = z
  .strictObject({
    serviceId: ServiceId,
    scopes: scopes.optional().describe('In the place of those that it has'),
    deviceIds: deviceIds.optional(),
  })
  .meta({ id: 'GrantServiceInput' })
export type GrantServiceInput = z.infer<typeof GrantServiceInput>

export const RevokeServiceInput = z.strictObject({ serviceId: ServiceId }).meta({ id: 'RevokeServiceInput' })
export type RevokeServiceInput = z.infer<typeof RevokeServiceInput>

const granted = { serviceId: ServiceId, scopes: z.array(ServiceScope), deviceIds: z.array(DeviceId) }
const keyFingerprint = KeyFingerprint.nullable().describe('Null for a secret')
const clientSecret = z
  .string()
  .nullable()
  .describe('The secret, in the first answer only; null in a replay, since it is not stored, and for a key')

/** A service as the server sees it, without its secrets. */
export const ServiceRecord = z
  .object({
    ...granted,
    clientId: ClientId.describe('Names the service to `/oauth/token`'),
    createdAt: Instant,
    revokedAt: Instant.nullable(),
    authentication: z
      .array(
        z.object({
          kind: z.enum(['key', 'secret']),
          keyFingerprint,
          createdAt: Instant,
          endsOthers: z.boolean().describe('Not used yet: its first use ends the others'),
        }),
      )
      .describe('Its keys and secrets that are valid, the newest first'),
  })
  .meta({ id: 'ServiceRecord' })
export type ServiceRecord = z.infer<typeof ServiceRecord>

/** Answer of `POST /v1/services`. */
export const CreatedService = z
  .object({ ...granted, clientId: ClientId, createdAt: Instant, keyFingerprint, clientSecret })
  .meta({ id: 'CreatedService' })
export type CreatedService = z.infer<typeof CreatedService>

/** Answer of `POST /v1/services/{serviceId}:rotate`. */
export const RotatedService = z
  .object({
    serviceId: ServiceId,
    rotatedAt: Instant,
    previous: z
      .enum(['until_first_use', 'ended'])
      .describe('Whether the earlier key or secret ends with the first use of the new one, or has ended'),
    keyFingerprint,
    clientSecret,
  })
  .meta({ id: 'RotatedService' })
export type RotatedService = z.infer<typeof RotatedService>

/** Answer of `POST /v1/services/{serviceId}:grant`. */
export const GrantedService = z
  .object({ ...granted, changed: z.boolean().describe('False where it had exactly these already') })
  .meta({ id: 'GrantedService' })
export type GrantedService = z.infer<typeof GrantedService>

/** Answer of `POST /v1/services/{serviceId}:revoke`. */
export const RevokedService = z
  .object({ serviceId: ServiceId, revokedAt: Instant, alreadyRevoked: z.boolean() })
  .meta({ id: 'RevokedService' })
export type RevokedService = z.infer<typeof RevokedService>

/** The operations on services, as rows of the operation table. */
export const SERVICE_OPERATIONS = {
  'services.list': {
    ...listing,
    operationId: 'listServices',
    summary:
      'Services of the workspace by id: their scopes, the devices they write for, and how they authenticate',
    path: '/v1/services',
    right: 'admin',
    scopes: ['admin'],
    input: PageInput,
    output: ServiceRecord,
  },
  'services.create': {
    ...administration,
    operationId: 'createService',
    summary:
      'Let an external caller in, with a key of its own or with a secret that is in this answer and never again',
    path: '/v1/services',
    status: 201,
    input: CreateServiceInput,
    output: CreatedService,
    hasSecret: true,
  },
  'services.rotate': {
    ...administration,
    operationId: 'rotateService',
    summary: 'Give a service a new key or secret; the earlier one ends at its first use, or now',
    path: '/v1/services/:serviceId:rotate',
    status: 200,
    input: RotateServiceInput,
    output: RotatedService,
    hasSecret: true,
  },
  'services.grant': {
    ...administration,
    operationId: 'grantService',
    summary: 'Replace the scopes of a service, or the devices that it may create records for',
    path: '/v1/services/:serviceId:grant',
    status: 200,
    input: GrantServiceInput,
    output: GrantedService,
  },
  'services.revoke': {
    ...administration,
    operationId: 'revokeService',
    summary: 'Refuse a service from its next request on, for good',
    path: '/v1/services/:serviceId:revoke',
    status: 200,
    input: RevokeServiceInput,
    output: RevokedService,
  },
} as const satisfies Record<string, Operation>
