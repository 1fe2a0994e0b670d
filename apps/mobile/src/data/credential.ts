import { type CredentialProvider, deviceToken } from '@fieldsync/client'
import { deviceKey } from '@fieldsync/client/device-key'

import type { Platform } from '../platform/platform.ts'
import type { Connection } from './known-stores.ts'

/**
 * How a device proves who it is to the server of its connection: with its token, or with its key. A key that cannot be read
 * keeps the device from syncing, and nobody from the notes that are on it.
 *
 * @param onAccepted called with the fingerprint of the key that the server accepts
 */
export function credentialOf(
  platform: Pick<Platform, 'defaultServer' | 'network' | 'openSigner'>,
  { server, token, key }: Pick<Connection, 'server' | 'token' | 'key'>,
  onAccepted?: (fingerprint: string) => void,
): CredentialProvider {
  if (key === null) return deviceToken(token)
  const { clientId, name } = key
  const url = server === '' ? platform.defaultServer : server
  const signer = () => platform.openSigner({ url, name })
  return deviceKey({ ...platform.network, url, clientId, signer, onAccepted })
}
