import path from 'node:path'

import { type CredentialProvider, deviceToken, isFieldsyncError } from '@fieldsync/client'
import { deviceKey, enrollDevice } from '@fieldsync/client/device-key'
import { openFileSigner } from '@fieldsync/client/signers/file'
import { DeviceId, readEnrollmentLink } from '@fieldsync/contracts'

import { SERVER_VERSION } from '../../../version.ts'
import { ClientError } from '../../client-error.ts'
import { type DeviceProfile, makeFolder } from './device-folder.ts'

/** The folder with the device's key, in its own. */
export const KEYS = 'keys'
/** What a headless device says of itself: the contract has phones and browsers only. */
export const DEVICE_INFO = {
  platform: 'web',
  appVersion: SERVER_VERSION,
  modelPackageVersion: 'none',
} as const

/** The one key of a device's folder at a server. */
const signerOf = (folder: string, url: string) =>
  openFileSigner({ folder: path.join(folder, KEYS), owner: { url, name: 'device' } })

/** How a device proves who it is: with its token, or with its key, which is a file of its folder. */
export async function credentialOf(folder: string, profile: DeviceProfile): Promise<CredentialProvider> {
  const { url, token, clientId } = profile
  if (clientId === undefined) return deviceToken(token ?? '')
  return deviceKey({ url, clientId, signer: await signerOf(folder, url) })
}

/** Where a device enrolls, and with which code: from a link, or given by hand. @throws ClientError for another link */
export function enrollmentOf(options: {
  readonly link?: string
  readonly url?: string
  readonly code?: string
}): { url: string; code: string } | undefined {
  const { link, url, code } = options
  if (link === undefined) return url === undefined || code === undefined ? undefined : { url, code }
  const read = readEnrollmentLink(link)
  if (!read) throw new ClientError('VALIDATION_ERROR', 'The link is not one that enrolls a device.')
  return { url: url ?? read.address, code: read.code }
}

/**
 * Creates the folder's key, and registers it with a one-time code.
 * @throws ClientError for a code that is not valid; NetworkError without an answer: then the same code may be given again
 */
export async function enrollWithCode(
  folder: string,
  { url, code }: { readonly url: string; readonly code: string },
): Promise<DeviceProfile> {
  await makeFolder(folder)
  try {
    const signer = await signerOf(folder, url)
    const enrolled = await enrollDevice({ url, code, device: DEVICE_INFO, signer })
    return { url, deviceId: DeviceId.parse(enrolled.deviceId), clientId: enrolled.clientId }
  } catch (error) {
    if (!isFieldsyncError(error, 'ENROLLMENT_INVALID')) throw error
    throw new ClientError('REFUSED', `The server did not accept the code. ${error.message}`, { cause: error })
  }
}
