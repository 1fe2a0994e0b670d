import { RotatedKey } from '@fieldsync/contracts'

import type { StoredSigner } from '../credentials/device-signer.ts'
import { fieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { callRenewing, type LinkOptions, parsedJson, refusalOf } from '../http/server-link.ts'
import { fingerprintOf } from './device-keys.ts'
import type { Proofs } from './proofs.ts'

/**
 * Asks the server to take the successor of a device's key from now on (ACC-20): the call is proven by the key in use, and
 * carries a proof by the successor. Tabs that do so at once, and a call whose answer was lost, ask for the same key with the
 * same idempotency key: it takes effect once.
 *
 * @throws FieldsyncError where the server refuses; NetworkError without an answer: it may have taken effect
 */
export async function rotateKey(
  link: LinkOptions,
  { proofs, clientId, successor }: { proofs: Proofs; clientId: string; successor: StoredSigner },
): Promise<void> {
  const deviceId = clientId.slice(clientId.indexOf('/') + 1)
  const url = `${link.url}/v1/devices/${deviceId}:rotateKey`
  const publicKeyJwk = await successor.publicKeyJwk()
  const headers = { 'idempotency-key': `rotate-${await fingerprintOf(successor)}` }
  const answer = await callRenewing(link, async () => {
    // A proof is for one attempt: its nonce may have ended, and it counts once.
    const proof = await proofs.forRequest(successor, { method: 'POST', url, body: undefined })
    return { method: 'POST', url, headers, body: JSON.stringify({ deviceId, publicKeyJwk, proof }) }
  })
  const refusal = refusalOf(link, answer)
  if (refusal) throw fieldsyncError(refusal)
  if (answer.status === 200 && RotatedKey.safeParse(parsedJson(answer.text)).success) return
  const { status } = answer
  throw new NetworkError('not_ours', `A server that is not Fieldsync answered ${status}.`, { status })
}
