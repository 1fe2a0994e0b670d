import { setImmediate } from 'node:timers/promises'

import type { Clock } from '@fieldsync/sync-engine'
import type { SeededRandom } from '@fieldsync/testkit'

type Loading = { readonly due: number; readonly callback: () => void }

/**
 * Time that only a test moves. What is due at one instant happens in an order that the seed picks, one after
 * the other, so that many orders are tried and each can be had again.
 */
export class VirtualClock implements Clock {
  #now: number
  readonly #rng: SeededRandom
  readonly #waiting = new Set<Loading>()

  /** @param start milliseconds since 1970 */
  constructor(rng: SeededRandom, start: number) {
    this.#rng = rng
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const waiting = { due: this.#now + Math.max(0, milliseconds), callback }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** When the next callback is due; undefined if none waits. */
  get nextDue(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.min(...[...this.#waiting].map(({ due }) => due))
  }

  /** Moves on to the next callback that waits and runs it. @returns false if none does */
  step(): boolean {
    const due = this.nextDue
    if (due === undefined) return false
    const [first, ...others] = [...this.#waiting].filter((each) => each.due === due)
    if (!first) return false
    const chosen = this.#rng.pick([first, ...others])
    this.#waiting.delete(chosen)
    this.#now = due
    chosen.callback()
    return true
  }

  /** Moves on, and runs what is due on the way. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds
    while ((this.nextDue ?? Infinity) <= until) this.step()
    this.#now = until
  }

  /** Lets time pass in which nothing happens. @throws Error if something was due in it */
  pass(milliseconds: number): void {
    const until = this.#now + milliseconds
    if ((this.nextDue ?? until) < until) throw new Error('something is due before')
    this.#now = until
  }
}

/** A device's own idea of the time: off by `lead` milliseconds, which a test may change at any moment. */
export class SkewedClock implements Clock {
  lead: number
  readonly #true: Clock

  constructor(trueClock: Clock, lead = 0) {
    this.#true = trueClock
    this.lead = lead
  }

  now(): number {
    return this.#true.now() + this.lead
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.#true.after(milliseconds, callback)
  }
}

/** Lets everything run that waits for promises alone. */
export const settled = (): Promise<void> => setImmediate()

/**
 * Moves from one thing that is due to the next until `done` holds; between two of them everything that needs no time
 * runs to its end.
 *
 * @param limit milliseconds of virtual time
 * @throws Error if nothing waits any more, or the limit is reached: whatever should come to an end does not (G10)
 */
export async function runUntil(clock: VirtualClock, done: () => boolean, limit: number): Promise<void> {
  const end = clock.now() + limit
  for (;;) {
    await settled()
    if (done()) return
    const { nextDue } = clock
    if (nextDue === undefined) throw new Error('nothing is due any more, and it is not done')
    if (nextDue > end) throw new Error(`it is not done after ${limit} ms`)
    clock.step()
  }
}
