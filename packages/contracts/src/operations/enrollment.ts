import { z } from 'zod'

import { DeviceRole, Role } from '../access.ts'
import { Device } from '../entities/device.ts'
import { DeviceId, WorkspaceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { ClientId, EcPublicJwk } from '../oauth.ts'
import { ShortText } from '../text.ts'

/** How long an enrollment is open, in seconds. */
export const ENROLLMENT_SECONDS = { least: 60, most: 7 * 24 * 60 * 60, default: 10 * 60 } as const

export const KeyFingerprint = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .describe('The JWK thumbprint of the key (RFC 7638)')

/** Whether a remote wipe that the device has not acknowledged is to be called off (WIP-6). */
export const cancelWipe = z
  .boolean()
  .optional()
  .describe('Calls off a wipe that the device has not acknowledged; without it that is a `CONFLICT`')

export const OpenEnrollmentInput = z
  .strictObject({
    deviceId: DeviceId,
    role: DeviceRole.optional().describe(
      'Its role once it has enrolled: by default the one that it has, `scout` for a new device',
    ),
    onlyNew: z.boolean().optional().describe('Refuses a device that exists already, with `CONFLICT`'),
    cancelWipe,
    validForSeconds: z
      .int()
      .min(ENROLLMENT_SECONDS.least)
      .max(ENROLLMENT_SECONDS.most)
      .optional()
      .describe(`By default ${ENROLLMENT_SECONDS.default}`),
  })
  .meta({ id: 'OpenEnrollmentInput' })
export type OpenEnrollmentInput = z.infer<typeof OpenEnrollmentInput>

/** Answer of `POST /v1/devices/enrollments`. */
export const OpenedEnrollment = z
  .object({
    deviceId: DeviceId,
    role: Role,
    expiresAt: Instant,
    code: z
      .string()
      .nullable()
      .describe('The one-time code, in the first answer only; null in a replay, since it is not stored'),
    link: z
      .string()
      .nullable()
      .describe(
        'Opens the field app and enrolls it; holds the server’s address and, in its fragment, the code',
      ),
  })
  .meta({ id: 'OpenedEnrollment' })
export type OpenedEnrollment = z.infer<typeof OpenedEnrollment>

/**
 * The link that sets up the field app of a server: its address, and the code in the fragment, which browsers send to no one.
 * @param address of the server, without a slash at its end
 */
export const enrollmentLink = (address: string, code: string): string => `${address}/app/#enroll=${code}`

/** The same for a browser in which a person signs in to the console. */
export const consoleLink = (address: string, code: string): string => `${address}/#enroll=${code}`

/** What a link of {@link enrollmentLink} or {@link consoleLink} holds; undefined for any other text. */
export function readEnrollmentLink(
  link: string,
): { readonly address: string; readonly code: string } | undefined {
  const [, address, code] =
    /^(https?:\/\/[^\s#?]*?[^\s#?/])(?:\/app)?\/?#enroll=([0-9A-Za-z-]{26,40})$/.exec(link.trim()) ?? []
  return address === undefined || code === undefined ? undefined : { address, code }
}

/** 26 letters and digits (ENR-1), with or without what keeps their groups apart. */
export const isEnrollmentCode = (text: string): boolean => /^(?:[0-9A-Za-z][\s-]*){26}$/.test(text.trim())

/** A code as the server reads it, however it was typed (Crockford's alphabet). */
export const normalizedCode = (code: string): string =>
  code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')

export const EnrollDeviceInput = z
  .strictObject({
    code: ShortText.describe('Upper or lower case, with or without its hyphens'),
    device: Device.omit({ deviceId: true })
      .optional()
      .describe('The device’s metadata, as in a batch; the code determines its id'),
    publicKeyJwk: EcPublicJwk,
  })
  .meta({ id: 'EnrollDeviceInput' })
export type EnrollDeviceInput = z.infer<typeof EnrollDeviceInput>

/** Answer of `POST /v1/devices/enroll`. */
export const EnrolledDevice = z
  .object({
    clientId: ClientId.describe('Names the device to `/oauth/token`'),
    workspaceId: WorkspaceId,
    deviceId: DeviceId,
    role: Role,
    keyFingerprint: KeyFingerprint,
    confirmed: z.boolean().describe('False until an admin has confirmed the key: it gets no tokens before'),
  })
  .meta({ id: 'EnrolledDevice' })
export type EnrolledDevice = z.infer<typeof EnrolledDevice>

export const RotateKeyInput = z
  .strictObject({
    deviceId: DeviceId,
    publicKeyJwk: EcPublicJwk.describe('The new key'),
    proof: z
      .string()
      .max(4096)
      .describe('A proof of this request by the new key (RFC 9449), without an access token and a body'),
  })
  .meta({ id: 'RotateKeyInput' })
export type RotateKeyInput = z.infer<typeof RotateKeyInput>

/** Answer of `POST /v1/devices/{deviceId}:rotateKey`. */
export const RotatedKey = z
  .object({ deviceId: DeviceId, keyFingerprint: KeyFingerprint, rotatedAt: Instant })
  .meta({ id: 'RotatedKey' })
export type RotatedKey = z.infer<typeof RotatedKey>

export const UpgradeDeviceInput = z
  .strictObject({ publicKeyJwk: EcPublicJwk })
  .meta({ id: 'UpgradeDeviceInput' })
export type UpgradeDeviceInput = z.infer<typeof UpgradeDeviceInput>

export const ConfirmKeyInput = z
  .strictObject({ deviceId: DeviceId, keyFingerprint: KeyFingerprint })
  .meta({ id: 'ConfirmKeyInput' })
export type ConfirmKeyInput = z.infer<typeof ConfirmKeyInput>

/** Answer of `POST /v1/devices/{deviceId}:confirmKey`. */
export const ConfirmedKey = z
  .object({ deviceId: DeviceId, keyFingerprint: KeyFingerprint, confirmedAt: Instant })
  .meta({ id: 'ConfirmedKey' })
export type ConfirmedKey = z.infer<typeof ConfirmedKey>
