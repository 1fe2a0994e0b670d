import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setInterval as every } from 'node:timers/promises'

import type { AnswerFirst } from './cors.ts'
import { rawBadRequest, sendBadHeader, sendUnavailable } from './shell-response.ts'

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** The listening side of the server: it answers from the first moment, even while there is no application yet. */
export type HttpServer = {
  readonly address: AddressInfo
  /** From now on requests are passed to `handler`. */
  serve(handler: RequestHandler): void
  /**
   * Refuses new connections and requests and waits for the running ones, at most `limitMs`; the rest are then closed.
   * @returns how many connections were closed. A second call waits for the first.
   */
  drain(limitMs: number): Promise<number>
}

/** The address cannot be listened on; the message names the cause and the remedy. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

type ListenOptions = {
  readonly stalledMs?: number
  readonly answerFirst?: AnswerFirst
  /** A request is answered 503, since there is no application yet or no longer. */
  readonly onUnserved?: (() => void) | undefined
}

const OPTIONS = {
  // A phone on a slow network may need minutes for a body, not for a header.
  headersTimeout: 20_000,
  requestTimeout: 300_000,
  // Longer than the idle timeout of common proxies, so that they and not we close an idle connection.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  // Node would refuse it without a body; we send an envelope.
  requireHostHeader: false,
}
const MAX_CONNECTIONS = 10_000
// A client that reads nothing of its answer for this long is gone, or occupies our memory on purpose.
const STALLED_MS = 120_000
const DRAIN_POLL_MS = 50

/**
 * @param options.stalledMs how long a connection with a running request may be without a byte in either direction
 * @param options.answerFirst receives every request first, even while there is no application
 * @param options.onUnserved is called for each request that is answered without one
 * @throws ListenError when the address is in use, not local or not permitted.
 */
export async function listen(
  host: string,
  port: number,
  { stalledMs = STALLED_MS, answerFirst = () => false, onUnserved }: ListenOptions = {},
): Promise<HttpServer> {
  const starting: RequestHandler = (request, response) => {
    onUnserved?.()
    sendUnavailable(request, response, 'The server is starting', { retryAfterSeconds: 1, close: false })
  }
  const draining: RequestHandler = (request, response) => {
    onUnserved?.()
    sendUnavailable(request, response, 'The server is shutting down', { retryAfterSeconds: 5, close: true })
  }
  let current = starting
  let closing: Promise<number> | undefined
  const server = createServer(OPTIONS, (request, response) => {
    if (answerFirst(request, response)) return
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      sendBadHeader(request, response, 'host', 'is required')
    } else current(request, response)
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    sendBadHeader(request, response, 'expect', 'may only be 100-continue'),
  )
  server.maxConnections = MAX_CONNECTIONS
  server.setTimeout(stalledMs)
  server.on('clientError', answerClientError)
  const address = await bind(server, host, port)
  return {
    address,
    serve: (handler) => {
      current = handler
    },
    drain: (limitMs) => {
      current = draining
      return (closing ??= close(server, limitMs))
    },
  }
}

/** @param variable names the port in the message of a ListenError */
export function bind(server: Server, host: string, port: number, variable = 'PORT'): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port, variable)))
    server.listen(port, host, () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address)
      else reject(new ListenError(`listening on ${host}:${port} returned no address`))
    })
  })
}

function listenError(error: Error, host: string, port: number, variable: string): ListenError {
  const code = 'code' in error ? String(error.code) : error.message
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `is in use by another program; stop it, or set ${variable} to another number`,
    EACCES: 'is not permitted for this user; ports below 1024 usually need privileges',
    EADDRNOTAVAIL: 'is not an address of this machine; check HOST',
    ENOTFOUND: 'cannot be resolved; check HOST',
  }
  return new ListenError(`${host}:${port} ${why[code] ?? `cannot be listened on: ${code}`}`, { cause: error })
}

async function close(server: Server, limitMs: number): Promise<number> {
  const closed = new AbortController()
  server.close(() => closed.abort())
  const started = performance.now()
  // A finished answer leaves its connection idle, which Node keeps for the next request.
  server.closeIdleConnections()
  try {
    for await (const _ of every(DRAIN_POLL_MS, undefined, { signal: closed.signal })) {
      server.closeIdleConnections()
      if (performance.now() - started >= limitMs) break
    }
  } catch {
    return 0 // Closed: the wait was aborted.
  }
  const left = await new Promise<number>((resolve) =>
    server.getConnections((_error, count) => resolve(count)),
  )
  server.closeAllConnections()
  return left
}

/** Input that is not HTTP, or a header beyond the limits. A request that took too long is closed without an answer. */
function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    socket.destroy()
    return
  }
  const what = error.code === 'HPE_HEADER_OVERFLOW' ? 'has too large headers' : 'is not a valid HTTP request'
  socket.end(rawBadRequest(what))
}
