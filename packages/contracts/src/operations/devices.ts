import { z } from 'zod'

import { Role } from '../access.ts'
import { Device } from '../entities/device.ts'
import { DeviceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { ClientId } from '../oauth.ts'
import { DeviceReport } from '../sync/request.ts'

/** A device that has not called for this long is silent (OPS-30). */
export const SILENT_AFTER_MS = 24 * 60 * 60 * 1000

export const DEVICE_STATES = ['active', 'conflicts', 'silent', 'never', 'revoked'] as const
/** The state of a device, as seen by the server (OPS-30). */
export const DeviceState = z.enum(DEVICE_STATES)
export type DeviceState = z.infer<typeof DeviceState>

export const DEVICE_CREDENTIALS = ['preShared', 'key', 'unconfirmed'] as const
/** By what a device that is not revoked may call: a pre-shared token, a key, or a key once it is confirmed (OPS-44). */
export const DeviceCredential = z.enum(DEVICE_CREDENTIALS)
export type DeviceCredential = z.infer<typeof DeviceCredential>

/** The last report of a device, and its time. */
export const ReportedState = lenient(DeviceReport.omit({ resolved: true, checkpoint: true })).extend({
  reportedAt: Instant,
})
export type ReportedState = z.infer<typeof ReportedState>

export const WIPE_STATES = ['pending', 'acknowledged'] as const
/** How far the remote wipe of a device is (WIP rules). */
export const WipeState = z.enum(WIPE_STATES)
export type WipeState = z.infer<typeof WipeState>

const unsentDeleted = z
  .int()
  .min(0)
  .max(1_000_000_000)
  .describe('Writes that had not been sent, and are deleted')

/** A device as the server sees it, without its tokens. */
export const DeviceRecord = z
  .object({
    deviceId: DeviceId,
    role: Role,
    state: DeviceState,
    createdAt: Instant,
    revokedAt: Instant.nullable(),
    lastSeenAt: Instant.nullable().describe('Its last batch or pull, on the server clock'),
    device: lenient(Device)
      .nullable()
      .describe('Its own metadata, as last accepted; null before its first call'),
    lag: z
      .int()
      .min(0)
      .nullable()
      .describe('Positions of the log that it has not received yet; null before its first call'),
    openConflicts: z.int().min(0).describe('Its conflicts in the work queue, counted up to 1,000'),
    key: z
      .object({ fingerprint: z.string(), enrolledAt: Instant, confirmedAt: Instant.nullable() })
      .nullable()
      .optional()
      .describe('The key that it has enrolled with; null for a device without one'),
    preShared: z.boolean().optional().describe('Whether a pre-shared token of it is valid'),
    wipe: z
      .object({
        requestedAt: Instant,
        acknowledgedAt: Instant.nullable().describe('Null until the device has acknowledged it'),
        unsentDeleted: unsentDeleted.nullable(),
      })
      .nullable()
      .optional()
      .describe('The remote wipe of the device; null for a device that is not to be wiped'),
    report: ReportedState.nullable().describe('Null if it never sent one'),
  })
  .meta({ id: 'DeviceRecord' })
export type DeviceRecord = z.infer<typeof DeviceRecord>

/** Answer of `POST /v1/devices`. */
export const CreatedDevice = z
  .object({
    deviceId: DeviceId,
    role: Role,
    createdAt: Instant,
    token: z
      .string()
      .nullable()
      .describe(
        'The device’s credential, in the first answer only; null in a replay, since it is not stored',
      ),
  })
  .meta({ id: 'CreatedDevice' })
export type CreatedDevice = z.infer<typeof CreatedDevice>

/** Answer of `POST /v1/devices/{deviceId}:revoke`. */
export const RevokedDevice = z
  .object({ deviceId: DeviceId, revokedAt: Instant, alreadyRevoked: z.boolean() })
  .meta({ id: 'RevokedDevice' })
export type RevokedDevice = z.infer<typeof RevokedDevice>

/** Answer of `POST /v1/devices/{deviceId}:wipe`. */
export const WipedDevice = z
  .object({ deviceId: DeviceId, requestedAt: Instant, alreadyRequested: z.boolean() })
  .meta({ id: 'WipedDevice' })
export type WipedDevice = z.infer<typeof WipedDevice>

export const AcknowledgeWipeInput = z
  .strictObject({
    deviceId: DeviceId,
    clientId: ClientId.optional().describe('As it has enrolled; of a device with a key alone'),
    unsentDeleted,
  })
  .meta({ id: 'AcknowledgeWipeInput' })
export type AcknowledgeWipeInput = z.infer<typeof AcknowledgeWipeInput>

/** Answer of `POST /v1/devices/{deviceId}:acknowledgeWipe`. */
export const AcknowledgedWipe = z
  .object({ deviceId: DeviceId, acknowledgedAt: Instant, unsentDeleted })
  .meta({ id: 'AcknowledgedWipe' })
export type AcknowledgedWipe = z.infer<typeof AcknowledgedWipe>

/** Answer of `POST /v1/devices/{deviceId}:setRole`. */
export const DeviceRoleChange = z
  .object({
    deviceId: DeviceId,
    role: Role,
    previousRole: Role,
    changed: z.boolean().describe('False where the device had this role already'),
  })
  .meta({ id: 'DeviceRoleChange' })
export type DeviceRoleChange = z.infer<typeof DeviceRoleChange>

const token = z
  .string()
  .nullable()
  .describe('The new token, in the first answer only; null in a replay, since it is not stored')

/** Answer of `POST /v1/devices/{deviceId}:reissueToken`. */
export const ReissuedToken = z
  .object({
    deviceId: DeviceId,
    issuedAt: Instant,
    previousTokens: z
      .enum(['until_first_use', 'ended'])
      .describe('Whether the earlier tokens end with the first use of the new one, or have ended'),
    token,
  })
  .meta({ id: 'ReissuedToken' })
export type ReissuedToken = z.infer<typeof ReissuedToken>

/** Answer of `POST /v1/devices/{deviceId}:readmit`. */
export const ReadmittedDevice = z
  .object({ deviceId: DeviceId, role: Role, readmittedAt: Instant, token })
  .meta({ id: 'ReadmittedDevice' })
export type ReadmittedDevice = z.infer<typeof ReadmittedDevice>
