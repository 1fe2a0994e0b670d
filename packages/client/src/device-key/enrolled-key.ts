import { normalizedCode } from '@fieldsync/contracts'
import { z } from 'zod'

import type { DeviceSigner, KeyOwner } from '../credentials/device-signer.ts'
import { sha256 } from '../platform/sha256.ts'
import { type EnrolledDevice, enrollDevice, type EnrollDeviceOptions } from './enroll-device.ts'

/** The key that a device proves to a server, as an app remembers it. */
export type EnrolledKey = z.infer<typeof EnrolledKey>
export const EnrolledKey = z.object({
  /** Names the device to the server. */
  clientId: z.string(),
  /** Under which the platform stores the key. */
  name: z.string(),
  /** By which an administrator recognizes it. */
  fingerprint: z.string(),
  storage: z.enum(['platform', 'software']),
})

export type EnrollKeyOptions = Omit<EnrollDeviceOptions, 'signer'> & {
  /** Creates the key where there is none. */
  readonly openSigner: (owner: KeyOwner) => Promise<DeviceSigner>
}

/**
 * Creates a key on this device, and registers it with a one-time code. Each code has a key of its own, which its name is
 * derived from: so the same code can be used again where the answer was lost, also after the app was closed (ENG-75), a
 * damaged key is replaced by the next code, and devices of one server share none.
 *
 * @throws FieldsyncError ENROLLMENT_INVALID and others; NetworkError without an answer; Error where no key can be stored
 */
export async function enrollKey({
  openSigner,
  ...options
}: EnrollKeyOptions): Promise<EnrolledDevice & { readonly key: EnrolledKey }> {
  const { url, code } = options
  const name = sha256(`fieldsync.app.key.v1\n${normalizedCode(code)}`)
  const signer = await openSigner({ url, name })
  const enrolled = await enrollDevice({ ...options, signer })
  const { clientId, keyFingerprint: fingerprint } = enrolled
  return { ...enrolled, key: { clientId, name, fingerprint, storage: signer.storage } }
}
