/** After this many failures in a row a service is left alone. */
const FAILURES = 3
/** For how long, at first and at most; each further failure doubles it. Milliseconds. */
const PAUSE_MS = 30_000
const LONGEST_PAUSE_MS = 15 * 60_000

/**
 * Spares a service that fails, and those who would wait for it (WTH-7): after three failures in a row it is not called for half
 * a minute, then by one call alone, and after each further failure twice as long. The time is an argument, milliseconds.
 */
export class CircuitBreaker {
  #failures = 0
  #opensAgainAt = 0
  #isTrying = false

  /** Whether the service may be called now; then the outcome must be reported. */
  mayCall(now: number): boolean {
    if (this.#failures < FAILURES) return true
    // A clock that was set back does not lengthen the pause beyond the longest.
    const isOver = now >= this.#opensAgainAt || now < this.#opensAgainAt - LONGEST_PAUSE_MS
    if (!isOver || this.#isTrying) return false
    this.#isTrying = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#isTrying = false
  }

  failed(now: number): void {
    this.#failures += 1
    this.#isTrying = false
    const further = this.#failures - FAILURES
    if (further >= 0) this.#opensAgainAt = now + Math.min(PAUSE_MS * 2 ** further, LONGEST_PAUSE_MS)
  }

  get isOpen(): boolean {
    return this.#failures >= FAILURES
  }
}
