import type { Clock } from '@fieldsync/sync-engine'

type Timer = { at: number; callback: () => void }

/** A clock that advances when a test says so. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()
  readonly #waits: { count: number; resolve: () => void }[] = []

  constructor(now = Date.UTC(2026, 1, 12, 8)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.add(timer)
    for (const wait of this.#waits) if (this.#timers.size >= wait.count) wait.resolve()
    return () => this.#timers.delete(timer)
  }

  /** How long until the next timer; undefined without one. */
  get nextIn(): number | undefined {
    const next = this.#next()
    return next && next.at - this.#now
  }

  /** Resolves when at least this many timers run. */
  async timers(count: number): Promise<void> {
    if (this.#timers.size >= count) return
    await new Promise<void>((resolve) => this.#waits.push({ count, resolve }))
  }

  /** Advances, and runs due timers on the way, in order. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (let next = this.#next(); next && next.at <= until; next = this.#next()) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = until
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0]
  }
}
