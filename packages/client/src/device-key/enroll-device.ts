import { PROOF_HEADER } from '@fieldsync/contracts'
import type { Random } from '@fieldsync/sync-engine'
import { z } from 'zod'

import type { DeviceInfo } from '../create-fieldsync-client.ts'
import type { CredentialProvider } from '../credentials/credential-provider.ts'
import type { DeviceSigner } from '../credentials/device-signer.ts'
import { Renewals } from '../credentials/renewals.ts'
import { fieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { Compression } from '../http/compression.ts'
import type { HttpAnswer } from '../http/exchange.ts'
import { httpLink, type HttpLinkOptions } from '../http/http-link.ts'
import { callRenewing, type LinkOptions, parsedJson, refusalOf } from '../http/server-link.ts'
import { cryptoRandom } from '../platform/crypto-random.ts'
import { Proofs } from './proofs.ts'

export type EnrollDeviceOptions = HttpLinkOptions & {
  /** The one-time code that an admin has opened for the device. */
  readonly code: string
  /** The device as in a batch, for one that syncs; the code determines its id. */
  readonly device?: Omit<DeviceInfo, 'deviceId'> | undefined
  /** Its key from now on. */
  readonly signer: DeviceSigner
  readonly random?: Random | undefined
}

/** What a server knows of a device that has enrolled. */
export type EnrolledDevice = z.infer<typeof EnrolledDevice>
const EnrolledDevice = z.object({
  /** For `deviceKey`. */
  clientId: z.string().min(1),
  workspaceId: z.string(),
  deviceId: z.string(),
  role: z.string(),
  /** Of the public key, for an admin to compare. */
  keyFingerprint: z.string(),
  /** False until an admin has confirmed the key: it gets no tokens before. */
  confirmed: z.boolean(),
})

const PATH = '/v1/devices/enroll'
const ATTEMPTS = 3
const FIRST_WAIT_MS = 1000

/**
 * Registers the device's key at a server with a one-time code. A call whose answer was lost is repeated, here and by the
 * caller: the same code is answered in the same way to the same key while it is valid (ENG-75).
 *
 * @throws FieldsyncError `ENROLLMENT_INVALID` for a code that is unknown, used or expired; another one for any other
 * refusal. NetworkError where no answer came: the device may be enrolled all the same
 */
export async function enrollDevice(options: EnrollDeviceOptions): Promise<EnrolledDevice> {
  const { code, device, signer, random = cryptoRandom() } = options
  const http = httpLink(options)
  const credentials = keyAlone(signer, new Proofs({ clock: http.clock, random }))
  const renewals = new Renewals(credentials)
  const link: LinkOptions = { ...http, credentials, renewals, compression: new Compression() }
  const now = new Date(http.clock.now()).toISOString()
  const described = device && { offlineModeEnabled: true, updatedAt: now, ...device }
  const body = JSON.stringify({ code, device: described, publicKeyJwk: await signer.publicKeyJwk() })
  const answer = await repeated(link, random, () =>
    callRenewing(link, { method: 'POST', url: `${link.url}${PATH}`, body }),
  )
  const refusal = refusalOf(link, answer)
  if (refusal) throw fieldsyncError(refusal)
  const enrolled = EnrolledDevice.safeParse(answer.status === 200 ? parsedJson(answer.text) : undefined)
  if (enrolled.success) return enrolled.data
  const { status } = answer
  throw new NetworkError('not_ours', `A server that is not Fieldsync answered ${status}.`, { status })
}

/** Proves the key, and nothing else: there are no tokens before a device has enrolled. */
const keyAlone = (signer: DeviceSigner, proofs: Proofs): CredentialProvider => ({
  headers: async (request) => ({ [PROOF_HEADER]: await proofs.forRequest(signer, request) }),
  answered: (answer) => proofs.answered(answer),
  renew: (action) => Promise.resolve(proofs.carryOut(action)),
})

/** Once more after a lost answer, for a person who waits; without a network not. */
async function repeated(
  { clock }: LinkOptions,
  random: Random,
  call: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      const isLost =
        error instanceof NetworkError && (error.kind === 'unreachable' || error.kind === 'timeout')
      if (!isLost || attempt >= ATTEMPTS) throw error
    }
    const wait = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random.next() / 2)
    await new Promise<void>((resolve) => void clock.after(wait, resolve))
  }
}
