import { type CredentialProvider, deviceToken } from '@fieldsync/client'
import { deviceKey, type EnrolledKey, enrollKey } from '@fieldsync/client/device-key'
import { personSession } from '@fieldsync/client/people'
import { openBrowserSigner } from '@fieldsync/client/signers/browser'

import { reauthentication } from './reauthentication.ts'

/** Of a device: a token that was pasted, or the key of this browser, which has enrolled as one. */
export type DeviceCredential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'key'; readonly key: EnrolledKey }

/** By what somebody is signed in: the credential of a device, or a person's session in one of their workspaces. */
export type Credential =
  | DeviceCredential
  | { readonly kind: 'person'; readonly workspaceId: string; readonly deviceId: string }

/** The console's own server: keys and links are for it alone. */
export const homeUrl = (): string => globalThis.location.origin

const SCOPE = 'sync read admin'

/** @param onAccepted called with the fingerprint of the key that the server accepts */
export function providerOf(
  credential: Credential,
  onAccepted?: (fingerprint: string) => void,
): CredentialProvider {
  if (credential.kind === 'token') return deviceToken(credential.token)
  if (credential.kind === 'person') {
    return personSession({ ...credential, reauthenticate: reauthentication.ask })
  }
  const { clientId, name } = credential.key
  const url = homeUrl()
  return deviceKey({
    url,
    clientId,
    scope: SCOPE,
    onAccepted,
    signer: () => openBrowserSigner({ url, name }),
  })
}

/**
 * Creates a key in this browser, and registers it with a one-time code.
 * @throws FieldsyncError ENROLLMENT_INVALID and others; NetworkError without an answer: then the code can be used again
 */
export async function enrollBrowser(code: string): Promise<EnrolledKey> {
  const { key } = await enrollKey({ url: homeUrl(), code, openSigner: openBrowserSigner })
  return key
}

/** Removes the key from this browser: nothing can be signed with it again. */
export async function removeKey({ name }: EnrolledKey): Promise<void> {
  const signer = await openBrowserSigner({ url: homeUrl(), name })
  await signer.deleteKey()
}

/** The device that a key is of, as its client id names it. */
export const deviceOf = ({ clientId }: EnrolledKey): string => clientId.slice(clientId.indexOf('/') + 1)

/** As much of a key's fingerprint as a person compares. */
export const shortFingerprint = ({ fingerprint }: EnrolledKey): string => fingerprint.slice(0, 8)
