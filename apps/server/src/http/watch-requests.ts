import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request whose answer, or whose connection, has ended. */
export type FinishedRequest = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** From its headers to its end, milliseconds. */
  readonly ms: number
}

/** Calls every observer once the request has ended, in one listener; to be called once per request, before it is handled. */
export function watchRequest(
  request: IncomingMessage,
  response: ServerResponse,
  observers: readonly ((finished: FinishedRequest) => void)[],
): void {
  const started = performance.now()
  response.once('close', () => {
    const finished = { request, response, ms: performance.now() - started }
    for (const observe of observers) observe(finished)
  })
}
