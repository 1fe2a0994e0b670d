/** Allows a number of log lines per second and counts the rest, which is reported in one line at the end of the second. */
export class LineBudget {
  readonly #perSecond: number
  readonly #onSuppressed: (count: number) => void
  readonly #now: () => number
  #windowEnds = 0
  #taken = 0
  #timer: NodeJS.Timeout | undefined

  /** @param now a monotonic clock in milliseconds. */
  constructor(perSecond: number, onSuppressed: (count: number) => void, now = () => performance.now()) {
    this.#perSecond = perSecond
    this.#onSuppressed = onSuppressed
    this.#now = now
  }

  /** Whether one more line may be written now. */
  take(): boolean {
    const now = this.#now()
    if (now >= this.#windowEnds) {
      this.report()
      this.#windowEnds = now + 1000
    }
    this.#taken += 1
    if (this.#taken <= this.#perSecond) return true
    this.#timer ??= setTimeout(() => this.report(), 1000).unref()
    return false
  }

  /** Reports the suppressed lines so far, if any. */
  report(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const suppressed = this.#taken - this.#perSecond
    this.#taken = 0
    if (suppressed > 0) this.#onSuppressed(suppressed)
  }
}
