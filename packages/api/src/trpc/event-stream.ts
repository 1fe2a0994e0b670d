import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import { CONTRACT_HEADER, CONTRACT_VERSION, LIVE_KEEP_ALIVE_MS, LIVE_SILENCE_MS } from '@fieldsync/contracts'
import type { ServiceError } from '@fieldsync/services'

import type { StreamTiming } from '../core/api-options.ts'
import type { RequestIds } from '../core/request-ids.ts'

export const STREAM_TIMING: StreamTiming = { keepAliveMs: LIVE_KEEP_ALIVE_MS, stalledMs: 30_000 }

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A cache or a compressing proxy would hold events back.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  [CONTRACT_HEADER]: CONTRACT_VERSION,
}
const CONNECTED = `event: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs: LIVE_SILENCE_MS })}\n\n`
const PING = 'event: ping\ndata: \n\n'
const DONE = 'event: return\ndata: \n\n'

/**
 * Sends events as tRPC's clients read them (server-sent events by these names), each in one piece, until the source
 * ends or the client goes; resolves when the answer is over. An event is asked of the source only when the one
 * before it has found room, and a reader that makes none is dropped: it connects again when it is able to.
 *
 * @param events told to return when the client is gone
 * @param told what the client is told when the source ends in an error: the error, and its shape on the wire
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

/** When to come again, for a client that does so by itself: not all in the same moment. */
function retryHint({ retryAfterSeconds }: ServiceError): string {
  if (retryAfterSeconds === undefined) return ''
  return `retry: ${Math.round(retryAfterSeconds * 1000 * (1 + Math.random()))}\n`
}
