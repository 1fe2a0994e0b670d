import { PROOF_HEADER } from '@fieldsync/contracts'
import type { Random } from '@fieldsync/sync-engine'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import type { DeviceSigner } from '../credentials/device-signer.ts'
import { httpLink, type HttpLinkOptions } from '../http/http-link.ts'
import { cryptoRandom } from '../platform/crypto-random.ts'
import { sha256 } from '../platform/sha256.ts'
import { AccessTokens } from './access-tokens.ts'
import { Proofs } from './proofs.ts'

export { type EnrolledDevice, enrollDevice, type EnrollDeviceOptions } from './enroll-device.ts'

export type DeviceKeyOptions = HttpLinkOptions & {
  /** What enrolling has answered: `<workspaceId>/<deviceId>`. */
  readonly clientId: string
  /** Of the key that the device has enrolled with. */
  readonly signer: DeviceSigner
  /** What the tokens are for, separated by spaces; the server grants of it what the role may. Default: `sync read`. */
  readonly scope?: string | undefined
  readonly random?: Random | undefined
}

const NAME_LENGTH = 8

/**
 * The credential of a device that has enrolled with a key: it fetches access tokens by itself, and proves the key with
 * every request (RFC 9449). `new_token`, `retry_with_nonce`, `new_proof` and `sync_clock` are carried out without a
 * person; every other action is left to one (ENG-74).
 *
 * @throws Error for an invalid address, or a platform without randomness
 */
export function deviceKey(options: DeviceKeyOptions): CredentialProvider {
  const { clientId, signer, scope = 'sync read', random = cryptoRandom() } = options
  const link = httpLink(options)
  const proofs = new Proofs({ signer, clock: link.clock, random })
  const tokens = new AccessTokens({ link, proofs, clientId, scope })
  return {
    name: sha256(`fieldsync.client.v1\n${clientId}`).slice(0, NAME_LENGTH),
    headers: async (request) => {
      // Tokens are for one server, and so is what proves them.
      if (!request.url.startsWith(`${link.url}/`)) throw new Error(`This key is for ${link.url} alone.`)
      const token = await tokens.current(request.signal)
      return { authorization: `DPoP ${token}`, [PROOF_HEADER]: await proofs.forRequest(request, token) }
    },
    answered: (answer) => proofs.answered(answer),
    renew: (action) => {
      if (action !== 'new_token') return Promise.resolve(proofs.carryOut(action))
      tokens.drop()
      return Promise.resolve(true)
    },
    wipe: {
      clientId,
      headers: async (request) => ({ [PROOF_HEADER]: await proofs.forRequest(request) }),
      forget: async () => await signer.deleteKey?.(),
    },
  }
}
