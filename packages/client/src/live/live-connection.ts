import { LIVE_SILENCE_MS, LivePokeEvent } from '@fieldsync/contracts'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

import { FieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import { readRefusal, type Refusal } from '../errors/read-refusal.ts'
import { fetchInit } from '../http/fetch.ts'
import { redirectOf } from '../http/redirect.ts'
import { type LinkOptions, parsedJson, refusalOf, requestOf } from '../http/server-link.ts'

/** Why a connection ended. */
export type ConnectionEnd = {
  /** The server said why, in the stream or instead of one. */
  readonly refusal?: Refusal | undefined
  /** When the client should reconnect, milliseconds from now. */
  readonly retryAfterMs?: number | undefined
  /** The address redirects, and was not followed (LIV-12). */
  readonly redirected?: boolean
}

type ConnectionEvents = {
  onConnected: () => void
  onPoke: () => void
  /** Something arrived after the beginning: the path to the server does let events through. */
  onAlive: () => void
}

/**
 * Follows `sync.live` once, until it ends, is cut, is silent for too long, or the signal is aborted. Never rejects: for
 * a hint, a retry is the answer to every error.
 */
export async function followOnce(
  link: LinkOptions,
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<ConnectionEnd> {
  const { clock, fetch } = link
  const over = new AbortController()
  const end: { -readonly [K in keyof ConnectionEnd]: ConnectionEnd[K] } = {}
  let cancelSilence: () => void = () => undefined
  const heard = (allowedMs: number): void => {
    cancelSilence()
    cancelSilence = clock.after(allowedMs, () => over.abort())
  }
  const onAbort = (): void => over.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) over.abort()
  // Not every fetch ends by its signal.
  const aborted = new Promise<void>((resolve) =>
    over.signal.addEventListener('abort', () => resolve(), { once: true }),
  )

  const onEvent = ({ event, data }: EventSourceMessage): void => {
    if (over.signal.aborted) return
    if (event === 'connected') return events.onConnected()
    events.onAlive()
    if (event === undefined && LivePokeEvent.safeParse(parsedJson(data)).success) events.onPoke()
    if (event === 'serialized-error') end.refusal = readRefusal({ error: parsedJson(data) }, { status: 200 })
  }
  const parser = createParser({ onEvent, onRetry: (milliseconds) => (end.retryAfterMs = milliseconds) })
  const follow = async (): Promise<void> => {
    heard(link.limits.answerMs)
    const url = `${link.url}/trpc/sync.live`
    const request = await requestOf(link, { method: 'GET', url, signal: over.signal })
    const response = await fetch(request.url, fetchInit(request, over.signal))
    if (redirectOf(response, request) !== undefined) {
      end.redirected = true
      return
    }
    heard(LIVE_SILENCE_MS)
    const { status, headers } = response
    if (status !== 200) {
      end.refusal = refusalOf(link, { status, headers, url: response.url, text: await response.text() })
      end.retryAfterMs = end.refusal?.retryAfterMs
    }
    link.credentials.answered?.({ headers, serverTime: status === 401 ? end.refusal?.serverTime : undefined })
    if (status !== 200) return
    // If a platform does not stream bodies, there is nothing to follow.
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      heard(LIVE_SILENCE_MS)
      parser.feed(decoder.decode(next.value, { stream: true }))
    }
  }
  try {
    if (!over.signal.aborted) await Promise.race([follow(), aborted])
  } catch (error) {
    // Cut, unreachable, or not speaking our protocol; or there is no credential to connect with.
    if (error instanceof FieldsyncError) end.refusal = error
    if (error instanceof NetworkError) end.retryAfterMs = error.retryAfterMs
  } finally {
    cancelSilence()
    over.abort()
    signal.removeEventListener('abort', onAbort)
  }
  return end
}
