import { type CredentialProvider, type DeviceSigner, deviceToken } from '@fieldsync/client'
import { deviceKey } from '@fieldsync/client/device-key'

import type { Platform } from '../platform/platform.ts'
import type { Connection } from './known-stores.ts'

/** How a device proves who it is to the server of its connection: with its token, or with its key. */
export function credentialOf(
  platform: Pick<Platform, 'defaultServer' | 'network' | 'openSigner'>,
  { server, token, key }: Pick<Connection, 'server' | 'token' | 'key'>,
): CredentialProvider {
  if (key === null) return deviceToken(token)
  const { clientId, name, storage } = key
  const url = server === '' ? platform.defaultServer : server
  const signer = openedLater(storage, () => platform.openSigner({ url, name }))
  return deviceKey({ ...platform.network, url, clientId, signer })
}

/** A key that cannot be read keeps the device from syncing, and nobody from the notes that are on it. */
function openedLater(storage: DeviceSigner['storage'], open: () => Promise<DeviceSigner>): DeviceSigner {
  let opening: Promise<DeviceSigner> | undefined
  const opened = () => {
    opening ??= open()
    // The next request tries again.
    opening.catch(() => (opening = undefined))
    return opening
  }
  return {
    storage,
    publicKeyJwk: async () => (await opened()).publicKeyJwk(),
    sign: async (data) => (await opened()).sign(data),
    deleteKey: async () => await (await opened()).deleteKey?.(),
  }
}
