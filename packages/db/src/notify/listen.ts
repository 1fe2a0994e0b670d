import { setTimeout as delay } from 'node:timers/promises'

import { connectOnce } from '../connection/connect.ts'
import { ConnectionClosedError } from '../connection/connection-closed-error.ts'
import { Primary } from '../connection/primary.ts'
import type { Queryable } from '../transaction.ts'
import { NoHeartbeat, Probes } from './heartbeat.ts'
import { sendNotices } from './send-notifications.ts'

export type ListenTiming = {
  /** How long connecting, and a probe's round trip, may take. */
  readonly answerWithinMs: number
  readonly heartbeatEveryMs: number
  /** Delay after the first failure; doubled after each further one. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

const TIMING: ListenTiming = {
  answerWithinMs: 5000,
  heartbeatEveryMs: 20_000,
  firstPauseMs: 250,
  longestPauseMs: 30_000,
}

export type ListenOptions = {
  /** Connection URL of the application's role, or its primary where other connections follow that too. */
  readonly url: string | Primary
  /** Sends the probes: in the same way as all notifications, not over the listening connection. */
  readonly sender: Queryable
  readonly channel: string
  readonly onNotice: (payload: string) => void
  /** Notifications are known to arrive from now on; earlier ones may have been missed. */
  readonly onHearing: () => void
  /** They no longer arrive, or did not from the start. It retries for as long as it takes. */
  readonly onDeaf: (reason: unknown) => void
  readonly timing?: ListenTiming | undefined
}

/**
 * Listens to the notifications of a channel on a connection of its own, and reconnects by itself.
 *
 * A connection can receive nothing without failing: a pooler that shares sessions accepts LISTEN and delivers nothing,
 * and a dead network is silent. So a probe is sent periodically in the same way as notifications, and must be received.
 */
export function listen(options: ListenOptions): AsyncDisposable {
  const { timing = TIMING, onDeaf } = options
  const stop = new AbortController()
  const run = async (): Promise<void> => {
    let pause = timing.firstPauseMs
    while (!stop.signal.aborted) {
      const { reason, heard } = await listenOnce(options, timing, stop.signal)
      if (stop.signal.aborted) return
      onDeaf(reason)
      if (heard) pause = timing.firstPauseMs
      await delay(pause, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
      pause = Math.min(pause * 2, timing.longestPauseMs)
    }
  }
  const running = run()
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('no longer listening'))
      await running
    },
  }
}

/** The lifetime of one connection. @returns why it ended, and whether it was ever known to receive */
async function listenOnce(
  options: ListenOptions,
  timing: ListenTiming,
  stop: AbortSignal,
): Promise<{ reason: unknown; heard: boolean }> {
  const { url, sender, channel } = options
  const life = new AbortController()
  const onStop = (): void => life.abort(stop.reason)
  stop.addEventListener('abort', onStop, { once: true })
  const heartbeats = new Probes((payload) => sendNotices(sender, channel, [payload]), timing.answerWithinMs)
  let heard = false
  try {
    await using connection = await connectOnce({
      url,
      applicationName: 'fieldsync-live',
      connectMs: timing.answerWithinMs,
      silenceMs: timing.answerWithinMs,
    })
    const { client } = connection
    using following = new DisposableStack()
    if (url instanceof Primary)
      following.use(url.follow(() => connection.close(new ConnectionClosedError('stale'))))
    client.on('error', (error) => life.abort(error))
    client.on('end', () => life.abort(new Error('the listening connection ended')))
    client.on('notification', ({ payload = '' }) => {
      if (!heartbeats.takes(payload)) options.onNotice(payload)
    })
    try {
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
      // Silence is its normal state from here on; the probes detect whether it receives nothing.
      connection.allowSilence(0)
      await heartbeats.roundTrip(life.signal)
      heard = true
      options.onHearing()
      for (;;) {
        await delay(timing.heartbeatEveryMs, undefined, { signal: life.signal, ref: false })
        await heartbeats.roundTrip(life.signal).catch((error: unknown) => {
          // One that could not even be sent proves nothing about this connection.
          if (error instanceof NoHeartbeat || life.signal.aborted) throw error
        })
      }
    } catch (error) {
      // Before the connection is ended, which ends its life as well.
      return { reason: life.signal.aborted ? life.signal.reason : error, heard }
    }
  } catch (error) {
    return { reason: error, heard }
  } finally {
    stop.removeEventListener('abort', onStop)
  }
}
