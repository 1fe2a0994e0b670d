import type { Clock } from '@fieldsync/sync-engine'

/** How long a call may take. */
export type TimeLimits = {
  /** Until the answer begins, milliseconds, besides what sending the body takes at the slowest speed. */
  readonly answerMs: number
  /** Until it is whole, milliseconds, besides what sending and receiving take at the slowest speed. */
  readonly totalMs: number
  /** The slowest connection that is waited for, bytes per second. */
  readonly slowestBytesPerSecond: number
}

export const TIME_LIMITS: TimeLimits = { answerMs: 20_000, totalMs: 60_000, slowestBytesPerSecond: 8 * 1024 }

/** The time of one call, which grows with what goes over the wire. */
export class CallTimer {
  readonly #clock: Clock
  readonly #limits: TimeLimits
  readonly #onTimeout: () => void
  #allowedMs: number
  /** What the timers that have run so far waited for. */
  #waitedMs = 0
  #cancel: () => void = () => undefined

  constructor(clock: Clock, limits: TimeLimits, bodyBytes: number, onTimeout: () => void) {
    this.#clock = clock
    this.#limits = limits
    this.#onTimeout = onTimeout
    this.#allowedMs = limits.answerMs + this.#msFor(bodyBytes)
    this.#arm()
  }

  /** The answer has begun: from here on the limit for all of it holds. */
  answered(): void {
    this.#allowedMs += this.#limits.totalMs - this.#limits.answerMs
  }

  received(bytes: number): void {
    this.#allowedMs += this.#msFor(bytes)
  }

  stop(): void {
    this.#cancel()
  }

  #msFor(bytes: number): number {
    return (bytes / this.#limits.slowestBytesPerSecond) * 1000
  }

  #arm(): void {
    const wait = this.#allowedMs - this.#waitedMs
    this.#cancel = this.#clock.after(wait, () => {
      this.#waitedMs += wait
      // What came meanwhile has bought more time.
      if (this.#allowedMs > this.#waitedMs) this.#arm()
      else this.#onTimeout()
    })
  }
}
