import type { LivePoke, Random } from '@fieldsync/sync-engine'

import { MOST_RENEWALS } from '../credentials/renewals.ts'
import { authAction, type LinkOptions } from '../http/server-link.ts'
import { type ConnectionEnd, followOnce } from './live-connection.ts'

/** How long a platform is trusted that reports it is offline. */
const OFFLINE_MS = 5 * 60_000

/** The server's pokes, over a stream that reconnects by itself (LIV-10). */
export const createLivePoke = (link: LinkOptions, random: Random): LivePoke => ({
  subscribe: (onPoke) => {
    const session = new LiveSession(link, random, onPoke)
    return () => session.stop()
  },
})

class LiveSession {
  readonly #link: LinkOptions
  readonly #random: Random
  readonly #onPoke: () => void
  readonly #unsubscribes: (() => void)[]
  readonly #stopped = new AbortController()
  /** Consecutive failed connections. */
  #failures = 0
  /** What refusals of the credential required since the last sign of life. */
  readonly #carriedOut = new Set<string>()
  #connection: AbortController | undefined
  #endPause: (() => void) | undefined

  constructor(link: LinkOptions, random: Random, onPoke: () => void) {
    this.#link = link
    this.#random = random
    this.#onPoke = () => {
      if (!this.#stopped.signal.aborted) onPoke()
    }
    this.#unsubscribes = [
      link.connectivity.onChange((online) => {
        // A connection over a network that is gone is dead, whatever its TCP state.
        if (!online) this.#connection?.abort()
        this.#startOver()
        this.#endPause?.()
      }),
      link.renewals.onChange(() => this.#endPause?.()),
    ]
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
    for (const unsubscribe of this.#unsubscribes) unsubscribe()
    this.#connection?.abort()
    this.#endPause?.()
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      if (!this.#link.connectivity.isOnline()) {
        await this.#pause(OFFLINE_MS)
        continue
      }
      const end = await this.#connect()
      if (this.#stopped.signal.aborted) return
      const pause = pauseBefore(end, this.#failures, this.#random)
      this.#failures++
      if (!(await this.#renewed(end))) await this.#pause(pause)
    }
  }

  #startOver(): void {
    this.#failures = 0
    this.#carriedOut.clear()
  }

  async #connect(): Promise<ConnectionEnd & { sentWith: number }> {
    const connection = new AbortController()
    this.#connection = connection
    const sentWith = this.#link.renewals.generation
    const end = await followOnce(
      this.#link,
      {
        // Something may have been missed while there was no connection.
        onConnected: this.#onPoke,
        onPoke: this.#onPoke,
        onAlive: () => this.#startOver(),
      },
      connection.signal,
    )
    this.#connection = undefined
    return { ...end, sentWith }
  }

  /** Whether a refused credential was renewed and is to be tried at once: by each action once, and not over and over. */
  async #renewed({ refusal, sentWith }: ConnectionEnd & { sentWith: number }): Promise<boolean> {
    if (refusal?.code !== 'AUTH_REQUIRED') return false
    const action = authAction(refusal)
    const isNew = !this.#carriedOut.has(action) && this.#carriedOut.size < MOST_RENEWALS
    if (isNew) this.#carriedOut.add(action)
    try {
      if (await this.#link.renewals.after(action, sentWith)) return isNew
    } catch {
      // No network just now, most likely; the pause is long, and a change of the credential ends it.
      return false
    }
    // The engine finds out with its next call that the device must authenticate again.
    this.#onPoke()
    return false
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#link.clock.after(milliseconds, () => this.#endPause?.())
      this.#endPause = () => {
        cancel()
        this.#endPause = undefined
        resolve()
      }
    })
  }
}

const FIRST_MS = 1000
const LONGEST_MS = 5 * 60_000
/** When the server refuses this client permanently, has no such stream, or is not at this address. */
const REFUSED_MS = 15 * 60_000

/**
 * How long to wait before connecting again, in milliseconds: twice as long after each further failure, never the same
 * for all clients, and not before the time that the server asks for (LIV-10).
 *
 * @param failures consecutive failed connections before this one
 */
export function pauseBefore(end: ConnectionEnd, failures: number, random: Random): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20))
  const jittered = most / 2 + (random.next() * most) / 2
  const refused = end.redirected === true || (end.refusal !== undefined && !end.refusal.retryable)
  return jittered + (end.retryAfterMs ?? (refused ? REFUSED_MS : 0))
}
