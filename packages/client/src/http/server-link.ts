import { AUTH_ACTIONS, CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import { MOST_RENEWALS, type Renewals } from '../credentials/renewals.ts'
import { NetworkError } from '../errors/network-error.ts'
import { readRefusal, type Refusal } from '../errors/read-refusal.ts'
import { type Compression, mayBeAboutEncoding, packed } from './compression.ts'
import type { HttpAnswer } from './exchange.ts'
import type { HttpRequest } from './fetch.ts'
import type { HttpLink } from './http-link.ts'
import { retryAfterMs } from './retry-after.ts'
import { sendRequest } from './send-request.ts'

/** The reason of a 403 that ends once a person has authenticated again (APP-79). */
const REAUTHENTICATE = 'reauthenticate'

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
  /** Called once the platform has the whole request. */
  readonly onHandedOver?: (() => void) | undefined
  readonly uncompressed?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The request of a call: with its contract version (HDR-4) and the credential's headers, its body compressed where that
 * is worth it and gets through.
 */
export async function requestOf(
  { credentials, compression }: Pick<LinkOptions, 'credentials' | 'compression'>,
  { method, url, headers, body, indivisible, onHandedOver, uncompressed = false, signal }: ServerCall,
): Promise<HttpRequest> {
  const proof = await unlessAborted(credentials.headers({ method, url, body, signal }), signal)
  const announced = { ...headers, [CONTRACT_HEADER]: CONTRACT_VERSION }
  const { sendsCookies } = credentials
  if (body === undefined) return { method, url, headers: { ...announced, ...proof }, sendsCookies }
  const pack = await packed(body, uncompressed || compression.isOff)
  return {
    method,
    url,
    headers: { ...announced, ...pack.headers, ...proof },
    body: pack.body,
    sendsCookies,
    indivisible,
    onHandedOver,
  }
}

/** A credential may have to be fetched, for all calls together: one that is aborted meanwhile does not wait. */
async function unlessAborted<T>(promise: Promise<T> | T, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new NetworkError('aborted', 'The call was aborted.'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * One attempt of a call. A compressed body that is refused as such is sent once more uncompressed (HDR-6).
 * @throws NetworkError when no whole answer came
 */
export async function callOnce(link: LinkOptions, call: ServerCall): Promise<HttpAnswer> {
  const request = await requestOf(link, call)
  const answer = await sendProven(link, request, call)
  const { body } = call
  const isCompressed = body !== undefined && typeof request.body !== 'string'
  if (!isCompressed || !isRefusedAsEncoded(link, answer) || !link.compression.isWorthATry(body)) return answer
  const second = await sendProven(link, await requestOf(link, { ...call, uncompressed: true }), call)
  link.compression.tried(body, !isRefusedAsEncoded(link, second))
  return second
}

async function sendProven(
  link: LinkOptions,
  request: HttpRequest,
  { signal }: ServerCall,
): Promise<HttpAnswer> {
  const answer = await sendRequest(link, request, signal)
  const { headers, status } = answer
  const serverTime = status === 401 ? refusalOf(link, answer)?.serverTime : undefined
  link.credentials.answered?.({ headers, serverTime })
  return answer
}

const isRefusedAsEncoded = (link: LinkOptions, answer: HttpAnswer): boolean =>
  mayBeAboutEncoding(answer.status, refusalOf(link, answer))

/**
 * A call that renews its credential and is sent again when the server requires that, by each action once (ENG-28). What a
 * person has to prove anew is sent again as well, once.
 *
 * @param call or what makes it, for one that differs in each attempt
 * @throws NetworkError when no complete answer arrived; what the credential throws
 */
export async function callRenewing(
  link: LinkOptions,
  call: ServerCall | (() => Promise<ServerCall>),
): Promise<HttpAnswer> {
  const { renewals } = link
  const carriedOut = new Set<string>()
  let hasProven = false
  for (let renewed = 0; ; renewed++) {
    const sentWith = renewals.generation
    const answer = await callOnce(link, typeof call === 'function' ? await call() : call)
    if (!hasProven && (await hasReauthenticated(link, answer))) {
      hasProven = true
      continue
    }
    if (answer.status !== 401 || renewed >= MOST_RENEWALS) return answer
    const action = authAction(refusalOf(link, answer))
    // Where another call has renewed meanwhile, this one has not tried the action.
    if (sentWith === renewals.generation) {
      if (carriedOut.has(action)) return answer
      carriedOut.add(action)
    }
    if (!(await renewals.after(action, sentWith))) return answer
  }
}

/** Whether the server requires that a person proves again who they are, and they have. */
async function hasReauthenticated(link: LinkOptions, answer: HttpAnswer): Promise<boolean> {
  const { credentials } = link
  if (credentials.reauthenticate === undefined || answer.status !== 403) return false
  const details = refusalOf(link, answer)?.details
  const isRequired =
    typeof details === 'object' &&
    details !== null &&
    'reason' in details &&
    details.reason === REAUTHENTICATE
  return isRequired && (await credentials.reauthenticate())
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
