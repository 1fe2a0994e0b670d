import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import { CONTRACT_HEADER, CONTRACT_VERSION, LIVE_KEEP_ALIVE_MS, LIVE_SILENCE_MS } from '@fieldsync/contracts'
import type { ServiceError } from '@fieldsync/services'

import type { StreamTiming } from '../core/api-options.ts'
import type { RequestIds } from '../core/request-state.ts'

export const STREAM_TIMING: StreamTiming = { keepAliveMs: LIVE_KEEP_ALIVE_MS, stalledMs: 30_000 }

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A cache or a compressing proxy would delay events.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  [CONTRACT_HEADER]: CONTRACT_VERSION,
}
const CONNECTED = `event: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs: LIVE_SILENCE_MS })}\n\n`
const PING = 'event: ping\ndata: \n\n'
const DONE = 'event: return\ndata: \n\n'

/**
 * Sends events as tRPC's clients read them (server-sent events by these names), each in one piece, until the source
 * ends or the client disconnects; resolves when the answer is complete. An event is requested from the source only when
 * there is room after the previous one, and a client that does not read is dropped: it reconnects when it can.
 *
 * @param events its `return` is called when the client is gone
 * @param describe what is sent to the client when the source ends in an error: the error, and its wire format
 */
export async function sendEvents(
  res: ServerResponse,
  ids: RequestIds,
  events: AsyncIterable<unknown>,
  describe: (error: unknown) => { error: ServiceError; shape: unknown },
  timing: StreamTiming,
): Promise<void> {
  const source = events[Symbol.asyncIterator]()
  const gone = new AbortController()
  const onClose = (): void => {
    gone.abort()
    void source.return?.()
  }
  if (res.destroyed) return onClose()
  res.once('close', onClose)
  res.appendHeader('vary', 'trpc-accept, accept')
  res.writeHead(200, { ...HEAD, 'x-request-id': ids.requestId })

  const send = async (text: string): Promise<void> => {
    if (gone.signal.aborted || res.write(text)) return
    const stalled = setTimeout(() => res.destroy(), timing.stalledMs).unref()
    await once(res, 'drain', { signal: gone.signal }).catch(() => undefined)
    clearTimeout(stalled)
  }
  const ping = setInterval(() => {
    if (!res.writableNeedDrain) res.write(PING)
  }, timing.keepAliveMs).unref()
  try {
    await send(CONNECTED)
    for (let next = await source.next(); !next.done && !gone.signal.aborted; next = await source.next()) {
      ping.refresh()
      await send(`data: ${JSON.stringify(next.value)}\n\n`)
    }
    res.end(DONE)
  } catch (error) {
    const { error: last, shape } = describe(error)
    res.end(`${retryHint(last)}event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`)
  } finally {
    clearInterval(ping)
  }
}

/** When to reconnect, for a client that does so by itself: spread out over time. */
function retryHint({ retryAfterSeconds }: ServiceError): string {
  if (retryAfterSeconds === undefined) return ''
  return `retry: ${Math.round(retryAfterSeconds * 1000 * (1 + Math.random()))}\n`
}
