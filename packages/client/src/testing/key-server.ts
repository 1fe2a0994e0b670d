import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { calculateJwkThumbprint, EmbeddedJWK, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose'

import { localServer } from './local-server.ts'

export const CLIENT_ID = 'ws_ridge/dev_scout_1'
export const ROTATE_PATH = '/v1/devices/dev_scout_1:rotateKey'
const NONCE_MS = 600_000
const SKEW_S = 60

/** Reasons of a refused credential with the actions that they require, and the errors of OAuth that carry them. */
const REASONS = {
  missing: ['authenticate', 'invalid_client'],
  invalid: ['authenticate', 'invalid_client'],
  expired: ['new_token', 'invalid_client'],
  key_mismatch: ['new_token', 'invalid_client'],
  nonce: ['retry_with_nonce', 'use_dpop_nonce'],
  replayed: ['new_proof', 'invalid_dpop_proof'],
  proof_invalid: ['new_proof', 'invalid_dpop_proof'],
  clock_skew: ['sync_clock', 'invalid_client'],
  unconfirmed: ['wait', 'invalid_client'],
  revoked: ['re_enrol', 'invalid_client'],
  wipe: ['wipe', 'invalid_client'],
} as const
export type Reason = keyof typeof REASONS

export type SeenRequest = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Claims of its proof, once that has verified. */
  readonly proof: JWTPayload
}

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown }
/** What a test does to a request: refuse it, cut its connection after it took effect, or answer it otherwise. */
export type Step = Reason | 'lost' | Answer

type Token = { readonly thumbprint: string; readonly until: number }

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** A server that verifies proofs and tokens by the RFCs with a library that is not ours, with a clock of its own. */
export class KeyServer {
  now = Date.UTC(2026, 1, 12, 8)
  /** False behind a proxy that drops their header. */
  givesNonces = true
  /** Every request, also those that are refused. */
  readonly requests: SeenRequest[] = []
  /** Why requests were refused that no test has refused. */
  readonly refusals: Reason[] = []
  readonly #answers: (request: SeenRequest) => unknown
  readonly #tokens = new Map<string, Token>()
  readonly #nonces = new Map<string, number>()
  readonly #proofs = new Set<string>()
  readonly #keys = new Map<string, string>()
  readonly #streams = new Set<ServerResponse>()
  readonly codes = new Map<string, string | undefined>([['code-1', undefined]])
  /** Asked before each request; where it returns something, that happens. */
  before: (request: SeenRequest) => Step | undefined = () => undefined
  url = ''

  private constructor(answers: (request: SeenRequest) => unknown) {
    this.#answers = answers
  }

  /** @param answers the body of an answer to a call that was accepted; undefined for an empty event stream */
  static async start(answers: (request: SeenRequest) => unknown): Promise<KeyServer> {
    const server = new KeyServer(answers)
    server.url = await localServer((request, response) => void server.#handle(request, response))
    return server
  }

  /** As an admin does who accepts a key. */
  async enroll(jwk: JWK): Promise<void> {
    this.#keys.set(CLIENT_ID, await calculateJwkThumbprint(jwk))
  }

  /** Ends all tokens at once. */
  expireTokens(): void {
    for (const [text, token] of this.#tokens) this.#tokens.set(text, { ...token, until: this.now })
  }

  /** As a network does that goes. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  /** How often a path was called. */
  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request)
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
    const path = (request.url ?? '').replace(/\?.*/, '')
    const { method = '', headers } = request
    const asked: SeenRequest = { method, path, headers, body, proof: await this.#proofOf(headers) }
    this.requests.push(asked)
    const step = this.before(asked)
    const answer = await this.#answer(asked, step)
    if (step === 'lost') return void response.destroy()
    const nonce = randomUUID()
    this.#nonces.set(nonce, this.now)
    response.writeHead(answer.status, { ...(this.givesNonces && { 'dpop-nonce': nonce }), ...answer.headers })
    if (answer.body === undefined) {
      this.#streams.add(response)
      return void response.write('event: connected\ndata: {}\n\n')
    }
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  }

  async #answer(request: SeenRequest, step: Step | undefined): Promise<Answer> {
    if (typeof step === 'object') return step
    if (step !== undefined && step !== 'lost') return this.#refusal(request.path, step)
    const reason = await this.#problem(request)
    if (reason !== undefined) this.refusals.push(reason)
    if (reason !== undefined) return this.#refusal(request.path, reason)
    if (request.path === '/oauth/token') return this.#tokenFor(request)
    if (request.path === '/v1/devices/enroll') return this.#enrolled(request)
    if (request.path === ROTATE_PATH) return this.#rotated(request)
    const body = this.#answers(request)
    return { status: 200, headers: body === undefined ? { 'content-type': 'text/event-stream' } : {}, body }
  }

  #refusal(path: string, reason: Reason): Answer {
    const [action, error] = REASONS[reason]
    const timestamp = new Date(this.now).toISOString()
    if (path === '/oauth/token') {
      const status = error === 'invalid_client' ? 401 : 400
      return { status, body: { error, error_description: `It is ${reason}.`, reason, action, timestamp } }
    }
    const details = { reason, action }
    const refused = {
      code: 'AUTH_REQUIRED',
      message: `It is ${reason}.`,
      retryable: false,
      traceId: 't',
      details,
    }
    return { status: 401, body: { requestId: 'r', timestamp, error: refused } }
  }

  async #proofOf({ dpop = '' }: IncomingMessage['headers']): Promise<JWTPayload> {
    const options = { typ: 'dpop+jwt', algorithms: ['ES256'], currentDate: new Date(0) }
    return jwtVerify(String(dpop), EmbeddedJWK, options).then(
      async ({ payload, protectedHeader: { jwk, ...header } }) => {
        const hasOnlyPublic =
          Object.keys(jwk ?? {})
            .toSorted()
            .join() === 'crv,kty,x,y'
        if (!jwk || !hasOnlyPublic || Object.keys(header).length !== 2) return {}
        return { ...payload, thumbprint: await calculateJwkThumbprint(jwk) }
      },
      () => ({}),
    )
  }

  async #problem(request: SeenRequest): Promise<Reason | undefined> {
    const { method, path, headers, body, proof } = request
    const { jti = '', nonce = '', htm, htu, ath, htd, iat } = proof
    const isToken = path === '/oauth/token'
    const token = /^DPoP (.+)$/.exec(headers.authorization ?? '')?.[1]
    const hasToken = !isToken && path !== '/v1/devices/enroll' && !path.endsWith(':acknowledgeWipe')
    if (hasToken && token === undefined) return 'missing'
    if (typeof nonce !== 'string' || this.now - (this.#nonces.get(nonce) ?? 0) >= NONCE_MS) return 'nonce'
    const isComplete =
      /^[\w-]{22,}$/.test(jti) &&
      Number.isInteger(iat) &&
      htm === method &&
      htu === `${this.url}${path}` &&
      ath === (hasToken ? sha256(token ?? '') : undefined) &&
      htd === (isToken || body === '' ? undefined : sha256(body))
    if (!isComplete) return 'proof_invalid'
    if (this.#proofs.has(jti)) return 'replayed'
    this.#proofs.add(jti)
    if (isToken) return await this.#assertionProblem(request)
    if (!hasToken) return undefined
    const { thumbprint, until = 0 } = this.#tokens.get(token ?? '') ?? {}
    if (thumbprint === undefined) return 'invalid'
    if (this.now >= until) return 'expired'
    return thumbprint === proof['thumbprint'] ? undefined : 'key_mismatch'
  }

  async #assertionProblem({ body, headers, proof }: SeenRequest): Promise<Reason | undefined> {
    const form = new URLSearchParams(body)
    const isForm =
      headers['content-type'] === 'application/x-www-form-urlencoded' &&
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const [encoded = ''] = String(headers['dpop']).split('.')
    const { jwk } = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as { jwk: JWK }
    const key = await importJWK(jwk, 'ES256')
    const audience = `${this.url}/oauth/token`
    // Times are compared below, to tell a wrong clock from a wrong signature.
    const currentDate = new Date(0)
    const claims = await jwtVerify(form.get('client_assertion') ?? '', key, {
      audience,
      currentDate,
      typ: 'JWT',
    })
      .then(({ payload }) => payload)
      .catch(() => undefined)
    const { iss, sub, iat = 0, exp = 0, jti = '' } = claims ?? {}
    if (!isForm || iss === undefined || iss !== sub || jti.length < 22 || exp !== iat + 60) return 'invalid'
    if (this.#keys.get(iss) !== proof['thumbprint']) return 'invalid'
    return Math.abs(iat - this.now / 1000) > SKEW_S ? 'clock_skew' : undefined
  }

  #tokenFor({ body, proof }: SeenRequest): Answer {
    const text = randomUUID()
    this.#tokens.set(text, { thumbprint: String(proof['thumbprint']), until: this.now + 600_000 })
    const scope = new URLSearchParams(body).get('scope')
    return { status: 200, body: { access_token: text, token_type: 'DPoP', expires_in: 600, scope } }
  }

  /** As the product's server does: both keys prove themselves, the new one is the device's, and the tokens of the old one end. */
  async #rotated({ body, headers }: SeenRequest): Promise<Answer> {
    const { deviceId, publicKeyJwk, proof } = JSON.parse(body) as {
      deviceId: string
      publicKeyJwk: JWK
      proof: string
    }
    const keyFingerprint = await calculateJwkThumbprint(publicKeyJwk)
    const { thumbprint, htm, htu, nonce } = await this.#proofOf({ dpop: proof })
    const isProven =
      thumbprint === keyFingerprint &&
      htm === 'POST' &&
      htu === `${this.url}${ROTATE_PATH}` &&
      this.#nonces.has(String(nonce))
    if (!isProven || headers['idempotency-key'] !== `rotate-${keyFingerprint}`) {
      return this.#refusal(ROTATE_PATH, 'proof_invalid')
    }
    this.#keys.set(CLIENT_ID, keyFingerprint)
    for (const [text, token] of this.#tokens) {
      if (token.thumbprint !== keyFingerprint) this.#tokens.set(text, { ...token, until: this.now })
    }
    return { status: 200, body: { deviceId, keyFingerprint, rotatedAt: new Date(this.now).toISOString() } }
  }

  /** The fingerprint of the key that this server knows as the device's. */
  get knownKey(): string | undefined {
    return this.#keys.get(CLIENT_ID)
  }

  async #enrolled({ body, proof }: SeenRequest): Promise<Answer> {
    const { code, publicKeyJwk } = JSON.parse(body) as { code: string; publicKeyJwk: JWK }
    const keyFingerprint = await calculateJwkThumbprint(publicKeyJwk)
    const isOther = this.codes.get(code) !== undefined && this.codes.get(code) !== keyFingerprint
    if (!this.codes.has(code) || isOther || keyFingerprint !== proof['thumbprint']) {
      const refused = {
        code: 'ENROLLMENT_INVALID',
        message: 'It is not valid.',
        retryable: false,
        traceId: 't',
      }
      return {
        status: 410,
        body: { requestId: 'r', timestamp: new Date(this.now).toISOString(), error: refused },
      }
    }
    this.codes.set(code, keyFingerprint)
    this.#keys.set(CLIENT_ID, keyFingerprint)
    const [workspaceId, deviceId] = CLIENT_ID.split('/')
    const enrolled = {
      clientId: CLIENT_ID,
      workspaceId,
      deviceId,
      role: 'scout',
      keyFingerprint,
      confirmed: true,
    }
    return { status: 200, body: enrolled }
  }
}

/** An accepted `session.get` of the device. */
export const SESSION = {
  contractVersion: CONTRACT_VERSION,
  workspace: {
    workspaceId: 'ws_ridge',
    workspaceUid: `wsu_${'0'.repeat(32)}`,
    name: 'Ridge',
    timeZone: 'America/Los_Angeles',
  },
  deviceId: 'dev_scout_1',
  role: 'scout',
  rights: ['read', 'sync', 'sync.push', 'observations.write'],
}
