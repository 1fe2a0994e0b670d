import { NONCE_HEADER } from '@fieldsync/contracts'
import type { Clock, Random } from '@fieldsync/sync-engine'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

import type { AnswerToProof, RequestToProve } from '../credentials/credential-provider.ts'
import type { DeviceSigner } from '../credentials/device-signer.ts'
import { base64url } from '../platform/base64url.ts'

/** How long a client assertion is valid, seconds. */
const ASSERTION_SECONDS = 60
/** 144 random bits: no id is ever the same as another. */
const ID_BYTES = 18

/**
 * What a device's keys sign for one server: a proof for each request (RFC 9449), and who the device is (RFC 7523). Proofs
 * carry the nonce of the newest answer, and the device's clock as the server has corrected it (ENG-72, ENG-74).
 */
export class Proofs {
  readonly #clock: Clock
  readonly #random: Random
  #nonce: string | undefined
  /** How far the server's clock is ahead of this device's, milliseconds. */
  #offset = 0
  /** The same by the newest 401 that states the server's clock; not used before the server requires it. */
  #statedOffset: number | undefined

  constructor(options: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = options.clock
    this.#random = options.random
  }

  /**
   * A proof for one request, which must not be used for another.
   *
   * @param accessToken the one that is sent with the request, bound to the signer's key; undefined for a request without one
   */
  async forRequest(
    signer: DeviceSigner,
    { method, url, body }: RequestToProve,
    accessToken?: string,
  ): Promise<string> {
    const { kty, crv, x, y } = await signer.publicKeyJwk()
    return await this.#signed(
      signer,
      { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } },
      {
        jti: this.#id(),
        htm: method,
        htu: url.replace(/[?#].*$/s, ''),
        iat: this.#seconds(),
        nonce: this.#nonce,
        ath: accessToken && digest(accessToken),
        htd: body === undefined ? undefined : digest(body),
      },
    )
  }

  /** A client assertion: the device names itself to the token endpoint at this address. */
  assertion(signer: DeviceSigner, clientId: string, audience: string): Promise<string> {
    const iat = this.#seconds()
    const claims = { iss: clientId, sub: clientId, aud: audience, iat, exp: iat + ASSERTION_SECONDS }
    return this.#signed(signer, { typ: 'JWT', alg: 'ES256' }, { ...claims, jti: this.#id() })
  }

  /** Learns from an answer; also from a refusal, whose nonce is for the next proof. */
  answered({ headers, serverTime }: AnswerToProof): void {
    this.#nonce = headers.get(NONCE_HEADER) ?? this.#nonce
    if (serverTime !== undefined) this.#statedOffset = serverTime - this.#clock.now()
  }

  /**
   * Does what a refusal of a proof requires.
   * @returns whether the next proof may be accepted; false for every action that is not about proofs
   */
  carryOut(action: string): boolean {
    switch (action) {
      case 'retry_with_nonce':
        return this.#nonce !== undefined
      case 'new_proof':
        return true
      case 'sync_clock':
        if (this.#statedOffset === undefined) return false
        this.#offset = this.#statedOffset
        return true
      default:
        return false
    }
  }

  async #signed(signer: DeviceSigner, header: object, payload: object): Promise<string> {
    const input = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(payload))}`
    return `${input}.${base64url(await signer.sign(utf8ToBytes(input)))}`
  }

  #seconds(): number {
    return Math.floor((this.#clock.now() + this.#offset) / 1000)
  }

  #id(): string {
    return base64url(Uint8Array.from({ length: ID_BYTES }, () => Math.floor(this.#random.next() * 256)))
  }
}

const encoded = (text: string): string => base64url(utf8ToBytes(text))

const digest = (text: string): string => base64url(sha256(utf8ToBytes(text)))
