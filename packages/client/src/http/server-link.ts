import { AUTH_ACTIONS, CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Clock, Connectivity } from '@fieldsync/sync-engine'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import type { Renewals } from '../credentials/renewals.ts'
import { NetworkError, redirected } from '../errors/network-error.ts'
import { readRefusal, type Refusal } from '../errors/read-refusal.ts'
import { type Compression, mayBeAboutEncoding, packed } from './compression.ts'
import { exchange, type HttpAnswer } from './exchange.ts'
import type { Fetch, HttpRequest } from './fetch.ts'
import { redirectAddress } from './redirect.ts'
import { retryAfterMs } from './retry-after.ts'
import type { TimeLimits } from './time-limits.ts'

/** What all connections to the server share. */
export type LinkOptions = {
  /** Address of the server without a slash at its end. */
  readonly url: string
  readonly fetch: Fetch
  readonly clock: Clock
  readonly limits: TimeLimits
  readonly credentials: CredentialProvider
  readonly renewals: Renewals
  readonly connectivity: Connectivity
  readonly compression: Compression
}

/** A call to the server, before it has a credential. */
export type ServerCall = {
  readonly method: 'GET' | 'POST'
  /** Absolute. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON text. */
  readonly body?: string | undefined
  /** It cannot be made smaller: the time limits allow for the slowest link. */
  readonly indivisible?: boolean | undefined
  readonly uncompressed?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The request of a call: with its contract version (HDR-4) and the credential's headers, its body compressed where that
 * is worth it and gets through.
 */
export async function requestOf(
  { credentials, compression }: Pick<LinkOptions, 'credentials' | 'compression'>,
  { method, url, headers, body, indivisible, uncompressed = false }: ServerCall,
): Promise<HttpRequest> {
  const proof = await credentials.headers({ method, url, body })
  const announced = { ...headers, [CONTRACT_HEADER]: CONTRACT_VERSION }
  if (body === undefined) return { method, url, headers: { ...announced, ...proof } }
  const pack = await packed(body, uncompressed || compression.isOff)
  return { method, url, headers: { ...announced, ...pack.headers, ...proof }, body: pack.body, indivisible }
}

/**
 * One attempt of a call. A compressed body that is refused as such is sent once more uncompressed (HDR-6).
 * @throws NetworkError when no whole answer came
 */
export async function callOnce(link: LinkOptions, call: ServerCall): Promise<HttpAnswer> {
  const request = await requestOf(link, call)
  const answer = await exchanged(link, request, call)
  const { body } = call
  const isCompressed = body !== undefined && typeof request.body !== 'string'
  if (!isCompressed || !isRefusedAsEncoded(link, answer) || !link.compression.isWorthATry(body)) return answer
  const second = await exchanged(link, await requestOf(link, { ...call, uncompressed: true }), call)
  link.compression.tried(body, !isRefusedAsEncoded(link, second))
  return second
}

const isRefusedAsEncoded = (link: LinkOptions, answer: HttpAnswer): boolean =>
  mayBeAboutEncoding(answer.status, refusalOf(link, answer))

async function exchanged(link: LinkOptions, request: HttpRequest, call: ServerCall): Promise<HttpAnswer> {
  try {
    return await exchange(link, request, call.signal)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    if (error.kind === 'redirected') throw redirected(await redirectedTo(link, request, error, call.signal))
    if (error.kind !== 'unreachable' || link.connectivity.isOnline()) throw error
    throw new NetworkError('offline', 'There is no network.', { cause: error })
  }
}

const HEALTH = '/v1/health'

/**
 * The address of the server that a redirect points to; where the platform hides it, health is requested without a
 * credential.
 */
async function redirectedTo(
  link: LinkOptions,
  { url }: HttpRequest,
  { address }: NetworkError,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  if (address !== null) return redirectAddress(address, url.slice(link.url.length))
  const asked: HttpRequest = {
    method: 'GET',
    url: `${link.url}${HEALTH}`,
    headers: {},
    followsRedirects: true,
  }
  try {
    const { url: answered } = await exchange(link, asked, signal)
    return answered === '' || answered === asked.url ? null : redirectAddress(answered, HEALTH)
  } catch {
    // Another origin may not be readable from here, or does not answer: the target is unknown.
    return null
  }
}

/**
 * A call that renews its credential and is sent once more when the server requires that.
 * @throws NetworkError when no complete answer arrived; what renewing throws
 */
export async function callRenewing(link: LinkOptions, call: ServerCall): Promise<HttpAnswer> {
  const { renewals } = link
  const sentWith = renewals.generation
  const answer = await callOnce(link, call)
  if (answer.status !== 401 || !(await renewals.after(authAction(refusalOf(link, answer)), sentWith)))
    return answer
  return await callOnce(link, call)
}

/** The refusal in an answer; undefined if it is not a refusal, or not from a Fieldsync server. */
export function refusalOf({ clock }: Pick<LinkOptions, 'clock'>, answer: HttpAnswer): Refusal | undefined {
  const { status, headers, text } = answer
  return readRefusal(parsedJson(text), { status, retryAfterMs: retryAfterMs(headers, clock.now()) })
}

/** Undefined for a text that is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The action that a 401 requires; `authenticate` if it names none. */
export function authAction(refusal: Refusal | undefined): string {
  const details = refusal?.details
  const action =
    typeof details === 'object' && details !== null && 'action' in details ? details.action : undefined
  return typeof action === 'string' ? action : AUTH_ACTIONS.missing
}
