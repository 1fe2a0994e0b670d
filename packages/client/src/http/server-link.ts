import { AUTH_ACTIONS, CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import type { Renewals } from '../credentials/renewals.ts'
import { readRefusal, type Refusal } from '../errors/read-refusal.ts'
import { type Compression, mayBeAboutEncoding, packed } from './compression.ts'
import type { HttpAnswer } from './exchange.ts'
import type { HttpRequest } from './fetch.ts'
import { retryAfterMs } from './retry-after.ts'
import { type HttpLink, sendRequest } from './send-request.ts'

/** What all connections to the server share. */
export type LinkOptions = HttpLink & {
  readonly credentials: CredentialProvider
  readonly renewals: Renewals
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
  const answer = await sendRequest(link, request, call.signal)
  const { body } = call
  const isCompressed = body !== undefined && typeof request.body !== 'string'
  if (!isCompressed || !isRefusedAsEncoded(link, answer) || !link.compression.isWorthATry(body)) return answer
  const second = await sendRequest(link, await requestOf(link, { ...call, uncompressed: true }), call.signal)
  link.compression.tried(body, !isRefusedAsEncoded(link, second))
  return second
}

const isRefusedAsEncoded = (link: LinkOptions, answer: HttpAnswer): boolean =>
  mayBeAboutEncoding(answer.status, refusalOf(link, answer))

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
