import { AUTH_ACTIONS } from '@fieldsync/contracts'
import type { Clock, Connectivity } from '@fieldsync/sync-engine'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import type { Renewals } from '../credentials/renewals.ts'
import { NetworkError } from '../errors/network-error.ts'
import { readRefusal, type Refusal } from '../errors/read-refusal.ts'
import { exchange, type HttpAnswer } from './exchange.ts'
import type { Fetch, HttpRequest } from './fetch.ts'
import { packed } from './gzip.ts'
import { retryAfterMs } from './retry-after.ts'
import type { TimeLimits } from './time-limits.ts'

/** What every way to the server shares. */
export type LinkOptions = {
  /** Address of the server without a slash at its end. */
  readonly url: string
  readonly fetch: Fetch
  readonly clock: Clock
  readonly limits: TimeLimits
  readonly credentials: CredentialProvider
  readonly renewals: Renewals
  readonly connectivity: Connectivity
}

/** A call to the server, before it has a credential. */
export type ServerCall = {
  readonly method: 'GET' | 'POST'
  /** Absolute. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON text. */
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The request of a call: with the credential's headers, its body packed where that is worth it. */
export async function requestOf(
  { credentials }: Pick<LinkOptions, 'credentials'>,
  { method, url, headers, body }: ServerCall,
): Promise<HttpRequest> {
  const proof = await credentials.headers({ method, url, body })
  if (body === undefined) return { method, url, headers: { ...headers, ...proof } }
  const pack = await packed(body)
  return { method, url, headers: { ...headers, ...pack.headers, ...proof }, body: pack.body }
}

/**
 * One try of a call.
 * @throws NetworkError when no whole answer came
 */
export async function callOnce(link: LinkOptions, call: ServerCall): Promise<HttpAnswer> {
  const request = await requestOf(link, call)
  try {
    return await exchange(link, request, call.signal)
  } catch (error) {
    const wasOffline =
      error instanceof NetworkError && error.kind === 'unreachable' && !link.connectivity.isOnline()
    throw wasOffline ? new NetworkError('offline', 'There is no network.', { cause: error }) : error
  }
}

/**
 * A call that renews its credential and goes out once more when the server asks for that.
 * @throws NetworkError when no whole answer came; what renewing throws
 */
export async function callRenewing(link: LinkOptions, call: ServerCall): Promise<HttpAnswer> {
  const { renewals } = link
  const sentWith = renewals.generation
  const answer = await callOnce(link, call)
  if (answer.status !== 401 || !(await renewals.after(authAction(refusalOf(link, answer)), sentWith)))
    return answer
  return await callOnce(link, call)
}

/** The refusal that an answer is; undefined for one that is none, or not a Fieldsync server's. */
export function refusalOf({ clock }: Pick<LinkOptions, 'clock'>, answer: HttpAnswer): Refusal | undefined {
  const { status, headers, text } = answer
  return readRefusal(parsedJson(text), { status, retryAfterMs: retryAfterMs(headers, clock.now()) })
}

/** Undefined for a text that is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a 401 asks for; one that does not say so, for a credential. */
export function authAction(refusal: Refusal | undefined): string {
  const details = refusal?.details
  const action =
    typeof details === 'object' && details !== null && 'action' in details ? details.action : undefined
  return typeof action === 'string' ? action : AUTH_ACTIONS.missing
}
