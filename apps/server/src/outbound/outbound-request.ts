import { lookup } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'

import { addressProblem } from './addresses.ts'

/** A call of this server to another one that an operator has configured. */
export type OutboundCall = {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Origins that may be called, such as `https://s3.example.com`; every other is refused before anything is sent. */
  readonly allowedOrigins: readonly string[]
  /** Of the whole call, from the look-up of the name to the last byte; of a download, each silence. */
  readonly limitMs: number
}

export type OutboundRequest = OutboundCall & {
  /** Most bytes of the answer's body. */
  readonly maxBytes: number
}

/** What came back; a redirect is an answer like any other, and never followed. */
export type OutboundAnswer = {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A call to the outside that has no answer. Its message names the server, and nothing that was sent. */
export class OutboundError extends Error {
  override name = 'OutboundError'
}

/**
 * Sends one request to a configured server. The address is checked when it connects, so that a name cannot lead anywhere
 * else by what its domain answers in the meantime; time and size are limited, and redirects are not followed.
 * @throws OutboundError
 */
export async function outboundRequest(call: OutboundRequest): Promise<OutboundAnswer> {
  const signal = AbortSignal.timeout(call.limitMs)
  try {
    const response = await send(call, { signal })
    const { statusCode: status = 0, headers } = response
    return { status, headers, body: await readBody(response, call.maxBytes) }
  } catch (error) {
    if (error instanceof OutboundError) throw error
    const reason = signal.aborted ? `did not answer within ${call.limitMs} ms` : `failed: ${reasonOf(error)}`
    throw new OutboundError(`the call to ${call.url.origin} ${reason}`)
  }
}

/**
 * The same for an answer of any size, which the caller reads to its end or destroys.
 * @throws OutboundError where the call has no answer; an answer that ends early fails the stream
 */
export async function outboundDownload(call: OutboundCall): Promise<IncomingMessage> {
  try {
    return await send(call, { timeout: call.limitMs })
  } catch (error) {
    if (error instanceof OutboundError) throw error
    throw new OutboundError(`the call to ${call.url.origin} failed: ${reasonOf(error)}`)
  }
}

/** Resolves with the answer as it begins; the body is not read yet. */
async function send(
  { method, url, headers, body, allowedOrigins }: OutboundCall,
  limits: { readonly signal: AbortSignal } | { readonly timeout: number },
): Promise<IncomingMessage> {
  const { origin, protocol, hostname } = url
  if (!allowedOrigins.includes(origin)) throw new OutboundError(`calls to ${origin} are not allowed`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const problem = isIP(host) === 0 ? undefined : addressProblem(host, host)
  if (problem !== undefined) throw new OutboundError(`${origin} ${problem}`)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = (protocol === 'https:' ? requestHttps : requestHttp)(
    url,
    { method, headers, lookup: checkedLookup(host), agent: false, ...limits },
    resolve,
  )
  request.on('error', reject)
  request.on('timeout', () => request.destroy(new OutboundError(`${origin} is silent`)))
  request.end(body)
  return await promise
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  // Leaving the loop closes the connection.
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > maxBytes) throw new OutboundError(`the answer is larger than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Resolves a name as usual, and refuses where any of its addresses is one that no configuration means. */
export const checkedLookup =
  (host: string): LookupFunction =>
  (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const [first] = addresses
      const problem = addresses
        .map(({ address }) => addressProblem(host, address))
        .find((each) => each !== undefined)
      if (problem !== undefined) return callback(new OutboundError(`${name} ${problem}`), '', 0)
      if (options.all) return callback(null, addresses)
      return callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
