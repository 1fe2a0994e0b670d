import type { Clock } from '../core/ports.ts'

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #now: number
  #timers: { at: number; callback: () => void }[] = []

  constructor(start = Date.parse('2026-02-11T18:00:00Z')) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  /** When the next timer rings, or null. */
  get next(): number | null {
    return this.#timers.length === 0 ? null : Math.min(...this.#timers.map(({ at }) => at))
  }

  /** Moves on, and rings what is due on the way. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers = this.#timers.filter((each) => each !== due)
      this.#now = Math.max(this.#now, due.at)
      due.callback()
    }
    this.#now = until
  }

  /** Sets the clock to another time without anybody noticing, as a person does. */
  jump(milliseconds: number): void {
    this.#now += milliseconds
    this.#timers = this.#timers.map(({ at, callback }) => ({ at: at + milliseconds, callback }))
  }
}
