import { LIVE_KEEP_ALIVE_MS } from '@fieldsync/contracts'
import type { Clock, LivePoke, TabChannel, Tabs } from '@fieldsync/sync-engine'

/** A browser opens six connections to a server over HTTP/1.1; half of them stay free for calls. */
const MOST_STREAMS = 3
/** How often a tab without the stream tries to get it: the longest time until another tab replaces one that died. */
const RETRY_MS = 5_000
/** The interval of the heartbeat of the tab with the stream, in milliseconds. */
const HERE_MS = LIVE_KEEP_ALIVE_MS
/** A tab that has been silent for this long is suspended. Timers of hidden tabs may be late by a minute. */
const SUSPENDED_MS = 150_000

type Message = 'poke' | 'here' | 'over'

type SharedPokeOptions = {
  readonly tabs: Tabs
  readonly clock: Clock
  /** Which server and credential: tabs of one name share a stream. Undefined for a stream of its own. */
  readonly name: string | undefined
}

let unnamed = 0

/**
 * Pokes over one stream that the tabs of a browser share (LIV-11): the tab that holds the lock owns it and forwards the
 * pokes. At most three streams are open in a browser; a tab that gets none receives no pokes, and relies on its timer.
 */
export const sharedPoke = (poke: LivePoke, options: SharedPokeOptions): LivePoke => ({
  subscribe: (onPoke) => {
    const session = new SharedSession(poke, options, onPoke)
    return () => session.stop()
  },
})

class SharedSession {
  readonly #poke: LivePoke
  readonly #tabs: Tabs
  readonly #clock: Clock
  readonly #name: string
  readonly #onPoke: () => void
  readonly #channel: TabChannel
  readonly #stopped = new AbortController()
  /** The time of the last heartbeat from the tab with the stream. */
  #heardAt: number
  #endPause: (() => void) | undefined

  constructor(poke: LivePoke, { tabs, clock, name }: SharedPokeOptions, onPoke: () => void) {
    this.#poke = poke
    this.#tabs = tabs
    this.#clock = clock
    this.#name = `fieldsync-live-${name ?? `${clock.now()}-${(unnamed += 1)}`}`
    this.#onPoke = () => {
      if (!this.#stopped.signal.aborted) onPoke()
    }
    this.#heardAt = clock.now()
    this.#channel = tabs.channel(this.#name, (message) => this.#hear(message))
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
    this.#endPause?.()
  }

  #post(message: Message): void {
    this.#channel.post(message)
  }

  #hear(message: unknown): void {
    this.#heardAt = this.#clock.now()
    if (message === 'poke') this.#onPoke()
    if (message === 'over') this.#endPause?.()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    const work = (lost: AbortSignal): Promise<void> => this.#lead(either(signal, lost))
    let hasAgreed = false
    let isFollowing = false
    while (!signal.aborted) {
      const steal = this.#tabs.isVisible() && this.#clock.now() - this.#heardAt >= SUSPENDED_MS
      try {
        const led = await this.#tabs.alone({ name: this.#name, steal, work })
        hasAgreed = true
        if (led) this.#post('over')
        // For pokes from before this tab could receive them.
        else if (!isFollowing) this.#onPoke()
        isFollowing = !led
      } catch {
        // If tabs cannot coordinate, each has a stream of its own.
        if (!hasAgreed) await this.#stream(signal)
      }
      if (!signal.aborted) await this.#pause(RETRY_MS)
    }
    this.#channel.close()
  }

  /** Holds the stream for all, until the signal is aborted. */
  async #lead(signal: AbortSignal): Promise<void> {
    let cancel: () => void = () => undefined
    const here = (): void => {
      this.#heardAt = this.#clock.now()
      this.#post('here')
      cancel = this.#clock.after(HERE_MS, here)
    }
    const onAbort = (): void => this.#endPause?.()
    signal.addEventListener('abort', onAbort)
    here()
    try {
      while (!signal.aborted) {
        await this.#streamInAPlace(signal)
        if (!signal.aborted) await this.#pause(RETRY_MS)
      }
    } finally {
      cancel()
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Returns at once if all places are taken by streams of other names. */
  async #streamInAPlace(signal: AbortSignal): Promise<void> {
    for (let place = 0; place < MOST_STREAMS && !signal.aborted; place += 1) {
      const ran = await this.#tabs.alone({
        name: `fieldsync-live-place-${place}`,
        work: (lost) => this.#stream(either(signal, lost)),
      })
      if (ran) return
    }
  }

  #stream(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    const unsubscribe = this.#poke.subscribe(() => {
      this.#onPoke()
      this.#post('poke')
    })
    return new Promise((resolve) => {
      const onAbort = (): void => {
        unsubscribe()
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(milliseconds, () => this.#endPause?.())
      this.#endPause = () => {
        cancel()
        this.#endPause = undefined
        resolve()
      }
    })
  }
}

/** Aborts with the first of two signals. Old browsers have no `AbortSignal.any`. */
function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  const both = new AbortController()
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort()
    else signal.addEventListener('abort', () => both.abort(), { once: true, signal: both.signal })
  }
  return both.signal
}
