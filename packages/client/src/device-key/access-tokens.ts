import {
  AUTH_ACTIONS,
  CLIENT_ASSERTION_TYPE,
  CONTRACT_HEADER,
  CONTRACT_VERSION,
  OAUTH_PATHS,
  PROOF_HEADER,
} from '@fieldsync/contracts'
import { z } from 'zod'

import type { DeviceSigner } from '../credentials/device-signer.ts'
import { FieldsyncError, isFieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { instantOf } from '../errors/read-refusal.ts'
import type { HttpAnswer } from '../http/exchange.ts'
import type { HttpLink } from '../http/http-link.ts'
import { retryAfterMs } from '../http/retry-after.ts'
import { sendRequest } from '../http/send-request.ts'
import { parsedJson } from '../http/server-link.ts'
import type { DeviceKeys } from './device-keys.ts'
import type { Proofs } from './proofs.ts'

/** From this part of its life on, the next token is fetched. */
const AHEAD = 0.8
// A wait that a broken or hostile answer requires ends too.
const LONGEST_PAUSE_MS = 60 * 60_000
const KEY_REFUSED: ReadonlySet<string> = new Set([AUTH_ACTIONS.invalid, AUTH_ACTIONS.revoked])

/** An access token, with the key that it is bound to. */
export type BoundToken = { readonly text: string; readonly signer: DeviceSigner }
/** On this device's clock, whose steps count and not what it shows: milliseconds. */
type AccessToken = BoundToken & { readonly requestedAt: number; readonly lifeMs: number }
type Fetching = { readonly token: Promise<AccessToken>; readonly abort: AbortController; waiting: number }
type Pause = { readonly requestedAt: number; readonly forMs: number; readonly status: number }

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^dpop$/i),
  expires_in: z.number().positive(),
})
const OAuthError = z.object({
  error: z.string(),
  error_description: z.string().optional(),
  reason: z.string().optional(),
  action: z.string().optional(),
  timestamp: z.string().optional(),
})
type OAuthError = z.infer<typeof OAuthError>

/**
 * The access tokens of a device with a key (ENG-73). One is fetched with the first call that needs it, for all calls that
 * wait for it, and ahead of its expiry in the background.
 */
export class AccessTokens {
  readonly #link: HttpLink
  readonly #proofs: Proofs
  readonly #keys: DeviceKeys
  readonly #clientId: string
  readonly #scope: string
  #token: AccessToken | undefined
  #fetching: Fetching | undefined
  #pause: Pause | undefined

  constructor(options: {
    readonly link: HttpLink
    readonly proofs: Proofs
    readonly keys: DeviceKeys
    readonly clientId: string
    readonly scope: string
  }) {
    this.#link = options.link
    this.#proofs = options.proofs
    this.#keys = options.keys
    this.#clientId = options.clientId
    this.#scope = options.scope
  }

  /**
   * A token that has not expired.
   *
   * @param signal aborts when the call no longer waits for it; a fetch for which nobody waits is aborted (ENG-21)
   * @throws NetworkError where none can be fetched for now; FieldsyncError `AUTH_REQUIRED` where the server gives none
   */
  async current(signal?: AbortSignal): Promise<BoundToken> {
    const token = this.#token
    const life = token ? (this.#now() - token.requestedAt) / token.lifeMs : 1
    // A clock that was set back says nothing about the token's age.
    if (!token || life < 0 || life >= 1) return await this.#fetched(signal)
    // If that fails, the next call tries again, and this token goes on until it has expired.
    if (life >= AHEAD) this.#fetched(signal).catch(() => undefined)
    return token
  }

  /** The server refused the token: the next call fetches another. */
  drop(): void {
    this.#token = undefined
  }

  #fetched(signal: AbortSignal | undefined): Promise<AccessToken> {
    const fetching = this.#fetching ?? this.#started()
    this.#fetching = fetching
    fetching.waiting += 1
    const onAbort = (): void => {
      fetching.waiting -= 1
      if (fetching.waiting > 0) return
      this.#over(fetching)
      fetching.abort.abort()
    }
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    return fetching.token
  }

  #started(): Fetching {
    const abort = new AbortController()
    const token = this.#fetch(abort.signal).finally(() => this.#over(fetching))
    const fetching = { token, abort, waiting: 0 }
    return fetching
  }

  /** The next call that needs a token starts another fetch. */
  #over(fetching: Fetching): void {
    if (this.#fetching === fetching) this.#fetching = undefined
  }

  /**
   * By the key in use; where the server refuses that one, by each other key that is stored: a rotation may have taken
   * effect in another tab, or its answer may have been lost (ENG-76).
   */
  async #fetch(signal: AbortSignal): Promise<AccessToken> {
    const signer = await this.#keys.inUse()
    try {
      return await this.#fetchWith(signer, signal)
    } catch (error) {
      if (!isKeyRefused(error)) throw error
      for (const other of await this.#keys.others(signer)) {
        try {
          return await this.#fetchWith(other, signal)
        } catch (refusal) {
          if (isKeyRefused(refusal)) continue
          // The server knows this key, and gives it no token for another reason.
          if (refusal instanceof FieldsyncError) this.#keys.use(other)
          throw refusal
        }
      }
      throw error
    }
  }

  /** A lost answer costs nothing: the server stores no token, so the next attempt simply gets another one. */
  async #fetchWith(signer: DeviceSigner, signal: AbortSignal): Promise<AccessToken> {
    const carriedOut = new Set<string>()
    for (;;) {
      this.#waitOver()
      const requestedAt = this.#now()
      const answer = await this.#request(signer, signal)
      const json = parsedJson(answer.text)
      const refusal = OAuthError.safeParse(json).data
      this.#proofs.answered({ headers: answer.headers, serverTime: instantOf(refusal?.timestamp) })
      const given = answer.status === 200 ? TokenAnswer.safeParse(json).data : undefined
      if (given) {
        const token = { text: given.access_token, signer, requestedAt, lifeMs: given.expires_in * 1000 }
        this.#token = token
        await this.#keys.accepted(signer)
        return token
      }
      if (!refusal || (answer.status !== 400 && answer.status !== 401)) throw this.#unanswered(answer)
      const action = refusal.action ?? AUTH_ACTIONS.missing
      if (carriedOut.has(action) || !this.#proofs.carryOut(action)) throw authRequired(refusal, action)
      carriedOut.add(action)
    }
  }

  /** @throws NetworkError while the server has requested a pause */
  #waitOver(): void {
    if (this.#pause === undefined) return
    const { requestedAt, forMs, status } = this.#pause
    const passed = this.#now() - requestedAt
    if (passed >= 0 && passed < forMs) throw busy(status, forMs - passed)
    this.#pause = undefined
  }

  async #request(signer: DeviceSigner, signal: AbortSignal): Promise<HttpAnswer> {
    const url = `${this.#link.url}${OAUTH_PATHS.token}`
    const form = {
      grant_type: 'client_credentials',
      scope: this.#scope,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: await this.#proofs.assertion(signer, this.#clientId, url),
    }
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      [CONTRACT_HEADER]: CONTRACT_VERSION,
      [PROOF_HEADER]: await this.#proofs.forRequest(signer, { method: 'POST', url, body: undefined }),
    }
    // Not every platform has all of URLSearchParams.
    const body = Object.entries(form).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    try {
      const request = { method: 'POST', url, headers, body: body.join('&') } as const
      return await sendRequest(this.#link, request, signal)
    } catch (error) {
      if (!(error instanceof NetworkError) || error.kind !== 'timeout') throw error
      // The call that waits for the token was not sent: its size is not at fault (ENG-48).
      throw new NetworkError('unreachable', 'The server gave no token in time.', { cause: error })
    }
  }

  /** What an answer says that neither gives a token nor refuses one: by a busy server, or by none of ours. */
  #unanswered({ status, headers }: HttpAnswer): NetworkError {
    if (status !== 429 && status < 500)
      return new NetworkError('not_ours', `What gives tokens at this address answered ${status}.`, { status })
    const requestedAt = this.#now()
    const wait = retryAfterMs(headers, requestedAt)
    if (wait === undefined) return busy(status)
    const forMs = Math.min(wait, LONGEST_PAUSE_MS)
    this.#pause = { requestedAt, forMs, status }
    return busy(status, forMs)
  }

  #now(): number {
    return this.#link.clock.now()
  }
}

/** Whether a server gives this key no tokens: it does not know it, or does not any more. */
const isKeyRefused = (error: unknown): boolean =>
  isFieldsyncError(error, 'AUTH_REQUIRED') && KEY_REFUSED.has(error.details?.action ?? '')

const busy = (status: number, wait?: number): NetworkError =>
  new NetworkError('busy', `The server gives no token for now (${status}).`, { status, retryAfterMs: wait })

/** The refusal as a call would have got it, had there been a token to send it with. */
const authRequired = (refusal: OAuthError, action: string): FieldsyncError =>
  new FieldsyncError('AUTH_REQUIRED', {
    status: 401,
    code: 'AUTH_REQUIRED',
    message: refusal.error_description ?? refusal.error,
    retryable: false,
    requestId: '',
    traceId: '',
    details: { reason: refusal.reason ?? refusal.error, action },
    retryAfterMs: undefined,
  })
