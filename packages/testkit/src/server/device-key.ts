import { createHash, KeyObject, randomBytes, sign } from 'node:crypto'

import { CLIENT_ASSERTION_TYPE, EcPublicJwk, OAUTH_PATHS } from '@fieldsync/contracts'
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair } from 'jose'

/** Claims to replace; undefined leaves one out. */
type Claims = { readonly [name: string]: unknown }

/** What a proof is for, and what a test makes wrong about it. */
export type ProofOf = {
  readonly method: string
  readonly url: string
  readonly nonce?: string | undefined
  readonly accessToken?: string | undefined
  readonly body?: string | undefined
  readonly claims?: Claims
  readonly header?: Record<string, unknown>
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')
const randomId = (): string => randomBytes(16).toString('base64url')

/**
 * A device with a key, as seen by a server: it makes proofs of possession, client assertions and whole requests, right ones
 * and wrong ones. Written against the RFCs and not with our client, so that both sides are tested by something else.
 */
export class DeviceKey {
  readonly publicJwk: EcPublicJwk
  readonly thumbprint: string
  readonly #key: KeyObject
  /** The nonce of the last answer. */
  nonce: string | undefined

  private constructor(parts: { publicJwk: EcPublicJwk; thumbprint: string; key: CryptoKey }) {
    this.publicJwk = parts.publicJwk
    this.thumbprint = parts.thumbprint
    this.#key = KeyObject.from(parts.key)
  }

  static generate = async (): Promise<DeviceKey> => await DeviceKey.of(await generateKeyPair('ES256'))

  static async of({
    publicKey,
    privateKey,
  }: {
    publicKey: CryptoKey
    privateKey: CryptoKey
  }): Promise<DeviceKey> {
    const { kty, crv, x, y } = await exportJWK(publicKey)
    const publicJwk = EcPublicJwk.parse({ kty, crv, x, y })
    return new DeviceKey({ publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk), key: privateKey })
  }

  /** A proof of possession (RFC 9449) with `htd` over the body. */
  async proof({
    method,
    url,
    nonce = this.nonce,
    accessToken,
    body,
    claims,
    header,
  }: ProofOf): Promise<string> {
    const payload = {
      jti: randomId(),
      htm: method,
      htu: url.replace(/[?#].*$/, ''),
      iat: Math.floor(Date.now() / 1000),
      nonce,
      ath: accessToken === undefined ? undefined : sha256(accessToken),
      htd: body === undefined ? undefined : sha256(body),
      ...claims,
    }
    return await this.sign(payload, { typ: 'dpop+jwt', jwk: this.publicJwk, ...header })
  }

  /** A client assertion (RFC 7523) for `/oauth/token` of a server. */
  async assertion(server: string, clientId: string, at: Date, claims: Claims = {}): Promise<string> {
    const now = Math.floor(at.getTime() / 1000)
    return await this.sign(
      {
        iss: clientId,
        sub: clientId,
        aud: `${server}${OAUTH_PATHS.token}`,
        iat: now,
        exp: now + 60,
        jti: randomId(),
        ...claims,
      },
      { typ: 'JWT' },
    )
  }

  async sign(payload: Claims, header: Record<string, unknown>): Promise<string> {
    const text = [{ alg: 'ES256', ...header }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    // At once: many calls of a benchmark are signed beside the server that is measured.
    const signature = sign('sha256', Buffer.from(text), { key: this.#key, dsaEncoding: 'ieee-p1363' })
    return await Promise.resolve(`${text}.${signature.toString('base64url')}`)
  }

  /** Sends a request with a proof, and keeps the nonce of its answer. */
  async send(url: string, request: KeyRequest = {}): Promise<Response> {
    const {
      method = request.body === undefined ? 'GET' : 'POST',
      body,
      accessToken,
      headers,
      proof,
    } = request
    const answer = await fetch(url, {
      method,
      headers: {
        dpop: await this.proof({ method, url, accessToken, body, ...proof }),
        ...(accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    this.nonce = answer.headers.get('dpop-nonce') ?? this.nonce
    return answer
  }

  /** Requests an access token, with a nonce that is fetched first where there is none. */
  async token(server: string, clientId: string, request: TokenRequest): Promise<Response> {
    const url = `${server}${OAUTH_PATHS.token}`
    if (this.nonce === undefined) await this.send(url, { method: 'POST' })
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: await this.assertion(server, clientId, request.at, request.claims),
      ...(request.scope === undefined ? {} : { scope: request.scope }),
      ...request.form,
    })
    return await this.send(url, {
      body: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      proof: { body: undefined, ...request.proof },
    })
  }

  /** Requests an access token with the secret of a service, bound to this key. */
  async secretToken(
    server: string,
    service: { readonly clientId: string; readonly clientSecret: string | null },
  ): Promise<Response> {
    const url = `${server}${OAUTH_PATHS.token}`
    if (this.nonce === undefined) await this.send(url, { method: 'POST' })
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: service.clientId,
      client_secret: service.clientSecret ?? '',
    })
    return await this.send(url, {
      body: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      proof: { body: undefined },
    })
  }

  /** Registers this key with a code. */
  async enroll(server: string, code: string, request: KeyRequest = {}): Promise<Response> {
    const url = `${server}/v1/devices/enroll`
    if (this.nonce === undefined) await this.send(url, { body: '{}' })
    return await this.send(url, { body: JSON.stringify({ code, publicKeyJwk: this.publicJwk }), ...request })
  }
}

export type KeyRequest = {
  readonly method?: string
  readonly body?: string
  readonly accessToken?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What the proof says instead. */
  readonly proof?: Partial<ProofOf>
}

export type TokenRequest = {
  /** The device's clock. */
  readonly at: Date
  readonly scope?: string
  readonly claims?: Claims
  readonly form?: Readonly<Record<string, string>>
  readonly proof?: Partial<ProofOf>
}
