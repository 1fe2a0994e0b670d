import { setTimeout as delay } from 'node:timers/promises'

import type { JobCounts } from './queue.ts'
import { type QueueOptions, serveQueue } from './serve-queue.ts'

export type JobRunnerOptions = QueueOptions & {
  /** The queue cannot be served; it is tried again for as long as it takes. */
  readonly onTrouble: (reason: unknown) => void
  /** Before the first attempt to serve it again, milliseconds; default 250. Further pauses are longer, up to 60 times. */
  readonly firstPauseMs?: number
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE = 60

/** Does the jobs of the queue for as long as the server runs, whatever becomes of the connections (JOB-6). */
export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #stopping = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #serving: Promise<void>
  #counts: JobCounts = { waiting: 0, running: 0, failed: 0 }
  #running = 0

  constructor(options: JobRunnerOptions) {
    this.#options = options
    this.#serving = this.#serve()
  }

  /** Jobs that are being done here. */
  get running(): number {
    return this.#running
  }

  /** Of the whole queue, as of the last look; every server sees the same. */
  get counts(): JobCounts {
    return this.#counts
  }

  /**
   * Takes no more jobs and waits for those that are being done; what has not finished by then is given back to the queue
   * (JOB-4). A further call may hasten the end.
   */
  async stop(withinMs: number): Promise<void> {
    this.#stopping.abort()
    const timer = setTimeout(() => this.#givingUp.abort(), withinMs)
    await this.#serving
    clearTimeout(timer)
  }

  async #serve(): Promise<void> {
    const { signal } = this.#stopping
    const { firstPauseMs = FIRST_PAUSE_MS } = this.#options
    let pause = firstPauseMs
    while (!signal.aborted) {
      const reason = await serveQueue({
        ...this.#options,
        stop: signal,
        giveUp: this.#givingUp.signal,
        onServing: () => {
          pause = firstPauseMs
          this.#options.onServing()
        },
        onCounts: (counts) => (this.#counts = counts),
        onRunning: (change) => (this.#running += change),
      })
      if (signal.aborted) return
      this.#options.onTrouble(reason)
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined)
      pause = Math.min(pause * 2, LONGEST_PAUSE * firstPauseMs)
    }
  }
}
