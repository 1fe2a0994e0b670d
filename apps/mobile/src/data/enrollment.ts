import { enrollKey } from '@fieldsync/client/device-key'
import { isEnrollmentCode, readEnrollmentLink } from '@fieldsync/contracts'

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
  return isEnrollmentCode(typed) ? { server, code: typed.trim() } : undefined
}

/**
 * Creates a key on this device, and registers it with a one-time code.
 *
 * @returns the device's connection from now on
 * @throws FieldsyncError ENROLLMENT_INVALID and others; NetworkError without an answer; Error where no key can be stored
 */
export async function enroll(
  platform: Pick<Platform, 'kind' | 'defaultServer' | 'network' | 'openSigner'>,
  { server, code }: Enrollment,
): Promise<Connection> {
  const { defaultServer, kind, network, openSigner } = platform
  const url = server === '' ? defaultServer : server
  const device = { platform: kind, appVersion: APP_VERSION, modelPackageVersion: 'none' }
  const { deviceId, key } = await enrollKey({ ...network, url, code, device, openSigner })
  return { server, deviceId, token: '', key }
}
