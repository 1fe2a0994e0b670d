export type Pace = {
  /** Shortest time from one run to the next, milliseconds. */
  readonly everyMs: number
  /** The same after a run that failed. */
  readonly retryMs: number
}

/** Runs a piece of work when asked: at once, but never twice at the same time, nor more often than its pace allows. */
export class Throttle {
  readonly #work: () => Promise<void>
  readonly #pace: Pace
  #notBefore = 0
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #askedAgain = false
  #stopped = false

  /** @param work keeps what it could not do and rejects: then it is run again by itself */
  constructor(work: () => Promise<void>, pace: Pace) {
    this.#work = work
    this.#pace = pace
  }

  ask(): void {
    if (this.#stopped) return
    if (this.#running) this.#askedAgain = true
    else {
      const wait = Math.max(0, this.#notBefore - performance.now())
      this.#timer ??= setTimeout(() => (this.#running = this.#run()), wait).unref()
    }
  }

  async #run(): Promise<void> {
    this.#timer = undefined
    this.#askedAgain = false
    const started = performance.now()
    let failed = false
    try {
      await this.#work()
    } catch {
      failed = true
    }
    this.#notBefore = started + (failed ? this.#pace.retryMs : this.#pace.everyMs)
    this.#running = undefined
    if (failed || this.#askedAgain) this.ask()
  }

  /** No run begins after this; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
