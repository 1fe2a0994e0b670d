import { lookup } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'

import { addressProblem } from './addresses.ts'

/** A call of this server to another one that an operator has configured. */
export type OutboundRequest = {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Origins that may be called, such as `https://s3.example.com`; every other is refused before anything is sent. */
  readonly allowedOrigins: readonly string[]
  /** Of the whole call, from the look-up of the name to the last byte. */
  readonly limitMs: number
  /** Most bytes of the answer's body. */
  readonly maxBytes: number
}

/** What came back; a redirect is an answer like any other, and never followed. */
export type OutboundAnswer = { readonly status: number; readonly body: string }

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
  const { origin, protocol, hostname } = call.url
  if (!call.allowedOrigins.includes(origin)) throw new OutboundError(`calls to ${origin} are not allowed`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const problem = isIP(host) === 0 ? undefined : addressProblem(host, host)
  if (problem !== undefined) throw new OutboundError(`${origin} ${problem}`)
  const send = protocol === 'https:' ? requestHttps : requestHttp
  const signal = AbortSignal.timeout(call.limitMs)
  const { promise, resolve, reject } = Promise.withResolvers<OutboundAnswer>()
  const request = send(
    call.url,
    { method: call.method, headers: call.headers, lookup: checkedLookup(host), agent: false, signal },
    (response) => {
      readBody(response, call.maxBytes).then(
        (body) => resolve({ status: response.statusCode ?? 0, body }),
        (error: unknown) => {
          request.destroy()
          reject(error)
        },
      )
    },
  )
  request.on('error', reject)
  request.end(call.body)
  try {
    return await promise
  } catch (error) {
    if (error instanceof OutboundError) throw error
    const reason = signal.aborted ? `did not answer within ${call.limitMs} ms` : `failed: ${reasonOf(error)}`
    throw new OutboundError(`the call to ${origin} ${reason}`)
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
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
