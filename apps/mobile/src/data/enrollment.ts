import { sha256 } from '@fieldsync/client'
import { enrollDevice } from '@fieldsync/client/device-key'
import { readEnrollmentLink } from '@fieldsync/contracts'

import { APP_VERSION } from '../about.ts'
import type { Platform } from '../platform/platform.ts'
import { type Connection, serverAddress } from './known-stores.ts'

/** Where a device is set up, and with which one-time code. */
export type Enrollment = {
  /** Empty: the platform's default. */
  readonly server: string
  readonly code: string
}

/** A link says by itself where the server is. */
export const isLink = (typed: string): boolean => /^\s*https?:/i.test(typed)

/** 26 letters and digits (ENR-1), with or without what keeps their groups apart. */
const CODE = /^(?:[0-9A-Za-z][\s-]*){26}$/

/**
 * What a person typed or pasted: a whole link, or a code for the given server; undefined for anything else.
 *
 * @param server as in the settings; a link has its own
 */
export function readEnrollment(
  typed: string,
  { server, defaultServer }: { readonly server: string; readonly defaultServer: string },
): Enrollment | undefined {
  const link = readEnrollmentLink(typed)
  if (link !== undefined) {
    const isDefault = serverAddress(link.address, '') === serverAddress('', defaultServer)
    return { server: isDefault ? '' : link.address, code: link.code }
  }
  const code = typed.trim()
  return CODE.test(code) ? { server, code } : undefined
}

/**
 * Creates a key on this device, and registers it with a one-time code. Each code has a key of its own, which its name is
 * derived from: so the same code can be used again where the answer was lost, also after the app was closed (ENG-75), a
 * damaged key is replaced by the next code, and devices of one server share none.
 *
 * @returns the device's connection from now on
 * @throws FieldsyncError ENROLLMENT_INVALID and others; NetworkError without an answer; Error where no key can be stored
 */
export async function enroll(
  platform: Pick<Platform, 'kind' | 'defaultServer' | 'network' | 'openSigner'>,
  { server, code }: Enrollment,
): Promise<Connection> {
  const url = server === '' ? platform.defaultServer : server
  const name = sha256(`fieldsync.app.key.v1\n${asRead(code)}`)
  const signer = await platform.openSigner({ url, name })
  const device = { platform: platform.kind, appVersion: APP_VERSION, modelPackageVersion: 'none' }
  const enrolled = await enrollDevice({ ...platform.network, url, code, device, signer })
  const { clientId, deviceId, keyFingerprint: fingerprint } = enrolled
  return { server, deviceId, token: '', key: { clientId, name, fingerprint, storage: signer.storage } }
}

/** A code as the server reads it, however it was typed. */
const asRead = (code: string): string =>
  code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
