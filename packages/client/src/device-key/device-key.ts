import { PROOF_HEADER } from '@fieldsync/contracts'
import type { Random } from '@fieldsync/sync-engine'

import type { AnswerToProof, CredentialProvider, RequestToProve } from '../credentials/credential-provider.ts'
import type { DeviceSigner } from '../credentials/device-signer.ts'
import { Renewals } from '../credentials/renewals.ts'
import { Compression } from '../http/compression.ts'
import { httpLink, type HttpLinkOptions } from '../http/http-link.ts'
import { cryptoRandom } from '../platform/crypto-random.ts'
import { sha256 } from '../platform/sha256.ts'
import { AccessTokens, type BoundToken } from './access-tokens.ts'
import { DeviceKeys, fingerprintOf, isStored, type SignerSource } from './device-keys.ts'
import { Proofs } from './proofs.ts'
import { rotateKey } from './rotate-key.ts'

export { type EnrolledDevice, enrollDevice, type EnrollDeviceOptions } from './enroll-device.ts'
export { EnrolledKey, enrollKey, type EnrollKeyOptions } from './enrolled-key.ts'

export type DeviceKeyOptions = HttpLinkOptions & {
  /** What enrolling has answered: `<workspaceId>/<deviceId>`. */
  readonly clientId: string
  /** Of the key that the device has enrolled with, or how it is opened. */
  readonly signer: SignerSource
  /** What the tokens are for, separated by spaces; the server grants of it what the role may. Default: `sync read`. */
  readonly scope?: string | undefined
  /** After how many days a new key takes the place of one that is stored (ENG-77). Default: 90; 0: never by itself. */
  readonly rotateAfterDays?: number | undefined
  /** Called with the fingerprint of the key that the server accepts: with the first token, and after a rotation. */
  readonly onAccepted?: ((fingerprint: string) => void) | undefined
  readonly random?: Random | undefined
}

const NAME_LENGTH = 8
const ROTATE_AFTER_DAYS = 90
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * The credential of a device that has enrolled with a key: it fetches access tokens by itself, and proves the key with
 * every request (RFC 9449). `new_token`, `retry_with_nonce`, `new_proof` and `sync_clock` are carried out without a
 * person; every other action is left to one (ENG-74).
 *
 * @throws Error for an invalid address, or a platform without randomness
 */
export function deviceKey(
  options: DeviceKeyOptions,
): CredentialProvider & Required<Pick<CredentialProvider, 'rotate'>> {
  const { clientId, scope = 'sync read', random = cryptoRandom() } = options
  const { rotateAfterDays = ROTATE_AFTER_DAYS, onAccepted = () => undefined } = options
  const link = httpLink(options)
  const proofs = new Proofs({ clock: link.clock, random })
  const keys = new DeviceKeys(options.signer, onAccepted)
  const tokens = new AccessTokens({ link, proofs, keys, clientId, scope })
  const weatherTokens = new AccessTokens({ link, proofs, keys, clientId, scope: 'weather:live' })
  let rotation: Promise<void> | undefined
  /** Tokens with which a rotation was started by itself. */
  const tried = new WeakSet<object>()

  const credential = {
    name: sha256(`fieldsync.client.v1\n${clientId}`).slice(0, NAME_LENGTH),
    headers: async (request: RequestToProve) => {
      requireOwn(request)
      const token = await tokens.current(request.signal)
      const { signer } = token
      // In the background: calls go on with the present key, and what fails is tried again with the next token.
      if (isDue(signer) && !tried.has(token)) {
        tried.add(token)
        credential.rotate().catch(() => undefined)
      }
      return await proven(request, token)
    },
    answered: (answer: AnswerToProof) => proofs.answered(answer),
    renew: (action: string) => renew(tokens, action),
    liveWeather: {
      headers: async (request: RequestToProve) => {
        requireOwn(request)
        return await proven(request, await weatherTokens.current(request.signal))
      },
      answered: (answer: AnswerToProof) => proofs.answered(answer),
      renew: (action: string) => renew(weatherTokens, action),
    },
    rotate: (): Promise<void> => {
      rotation ??= rotateNow().finally(() => (rotation = undefined))
      return rotation
    },
    wipe: {
      clientId,
      headers: async (request: RequestToProve) => ({
        [PROOF_HEADER]: await proofs.forRequest(await keys.inUse(), request),
      }),
      forget: async () => {
        const signer = await keys.inUse()
        await signer.deleteKey?.()
      },
    },
  }

  /** Tokens are for one server, and so is what proves them. */
  function requireOwn({ url }: RequestToProve): void {
    if (!url.startsWith(`${link.url}/`)) throw new Error(`This key is for ${link.url} alone.`)
  }

  async function proven(
    request: RequestToProve,
    { text, signer }: BoundToken,
  ): Promise<Record<string, string>> {
    return { authorization: `DPoP ${text}`, [PROOF_HEADER]: await proofs.forRequest(signer, request, text) }
  }

  function renew(of: AccessTokens, action: string): Promise<boolean> {
    if (action !== 'new_token') return Promise.resolve(proofs.carryOut(action))
    of.drop()
    return Promise.resolve(true)
  }

  /** @throws Error for a signer whose key is not stored */
  async function rotateNow(): Promise<void> {
    // One before may have taken effect without an answer: the server says which of the keys it takes.
    const before = await keys.inUse()
    if ((await keys.others(before)).length > 0) tokens.drop()
    await tokens.current()
    const signer = await keys.inUse()
    if (!isStored(signer))
      throw new Error('The key of this device is not stored where another can take its place.')
    // So it has, or another program was faster: the key is a new one.
    if ((await fingerprintOf(signer)) !== (await fingerprintOf(before))) return
    const successor = await signer.successor()
    const connection = {
      ...link,
      credentials: credential,
      renewals: new Renewals(credential),
      compression: new Compression(),
    }
    await rotateKey(connection, { proofs, clientId, successor })
    keys.use(successor)
    tokens.drop()
    await tokens.current()
  }

  function isDue(signer: DeviceSigner): boolean {
    if (rotateAfterDays === 0 || !isStored(signer)) return false
    const { createdAt } = signer
    // A time in the future is of a wrong clock; the new key has the present one.
    return createdAt === undefined || Math.abs(link.clock.now() - createdAt) >= rotateAfterDays * DAY_MS
  }

  return credential
}
