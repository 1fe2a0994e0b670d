import { LIVE_KEEP_ALIVE_MS } from '@fieldsync/contracts'
import type { Clock, LivePoke, TabChannel, Tabs } from '@fieldsync/sync-engine'

/** A browser opens six connections to a server over HTTP/1.1; half of them stay free for calls. */
const MOST_STREAMS = 3
/** How often a tab without the stream tries for it: so long after the death of the one that has it, another follows. */
const RETRY_MS = 5_000
/** The tab with the stream says so as often as this, in milliseconds. */
const HERE_MS = LIVE_KEEP_ALIVE_MS
/** One that has been silent for so long is suspended. Timers of hidden tabs may be late by a minute. */
const SUSPENDED_MS = 150_000

type Message = 'poke' | 'here' | 'over'

export type SharedPokeOptions = {
  readonly tabs: Tabs
  readonly clock: Clock
  /** Which server and credential: tabs of one name share a stream. Undefined for a stream of its own. */
  readonly name: string | undefined
}

let unnamed = 0

/**
 * Pokes of which the tabs of a browser have one stream in common (LIV-11): the tab that holds the lock has it and passes
 * the pokes on. At most three streams are open in a browser; whoever finds no place gets no pokes, and has its timer.
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
  /** When the tab with the stream was heard of last. */
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
        // What was poked before this tab could hear it.
        else if (!isFollowing) this.#onPoke()
        isFollowing = !led
      } catch {
        // Where tabs can agree on nothing each has a stream of its own.
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

  /** Comes back at once where every place is taken by a stream of another name. */
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
