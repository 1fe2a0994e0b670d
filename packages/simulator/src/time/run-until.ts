import { setImmediate } from 'node:timers/promises'

import type { VirtualClock } from './virtual-clock.ts'

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
