import type { Clock } from '@fieldsync/sync-engine'

/** How long a call may take (ENG-53). */
export type TimeLimits = {
  /** Until the answer begins, milliseconds, besides what sending the body takes. */
  readonly answerMs: number
  /** Until it is whole, milliseconds, besides what sending and receiving take. */
  readonly totalMs: number
  /**
   * The slowest supported connection, bytes per second: for the answer, for the first bytes of a body, and for all of
   * one that cannot be made smaller.
   */
  readonly slowestBytesPerSecond: number
  /** This many bytes of any body may be sent at the slowest speed. */
  readonly patientBytes: number
  /** The speed that is expected of the rest: a large body on a dead connection must not hold up everything for an hour. */
  readonly usualBytesPerSecond: number
}

// Half of the 1 KiB/s that the protocol promises to use: headers and acknowledgements take bandwidth as well.
export const TIME_LIMITS: TimeLimits = {
  answerMs: 20_000,
  totalMs: 60_000,
  slowestBytesPerSecond: 512,
  patientBytes: 32 * 1024,
  usualBytesPerSecond: 8 * 1024,
}

/** What a call sends. */
type SentBody = { readonly bytes: number; readonly indivisible: boolean }

/** The time limit of one call, which grows with the bytes transferred. */
export class CallTimer {
  readonly #clock: Clock
  readonly #limits: TimeLimits
  readonly #onTimeout: () => void
  #allowedMs: number
  /** The time for which the timers so far have waited. */
  #waitedMs = 0
  #cancel: () => void = () => undefined

  constructor(clock: Clock, limits: TimeLimits, body: SentBody, onTimeout: () => void) {
    this.#clock = clock
    this.#limits = limits
    this.#onTimeout = onTimeout
    this.#allowedMs = limits.answerMs + this.#sendingMs(body)
    this.#arm()
  }

  /** The answer has begun: from here on the limit for all of it holds. */
  answered(): void {
    this.#allowedMs += this.#limits.totalMs - this.#limits.answerMs
  }

  received(bytes: number): void {
    this.#allowedMs += (bytes / this.#limits.slowestBytesPerSecond) * 1000
  }

  stop(): void {
    this.#cancel()
  }

  #sendingMs({ bytes, indivisible }: SentBody): number {
    const { slowestBytesPerSecond, patientBytes, usualBytesPerSecond } = this.#limits
    const patient = indivisible ? bytes : Math.min(bytes, patientBytes)
    return (patient / slowestBytesPerSecond + (bytes - patient) / usualBytesPerSecond) * 1000
  }

  #arm(): void {
    const wait = this.#allowedMs - this.#waitedMs
    this.#cancel = this.#clock.after(wait, () => {
      this.#waitedMs += wait
      // The bytes received in the meantime extend the limit.
      if (this.#allowedMs > this.#waitedMs) this.#arm()
      else this.#onTimeout()
    })
  }
}
