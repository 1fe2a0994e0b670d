const MINUTE = 60_000

/**
 * The most moments at which something may happen in a minute and in an hour of virtual time: more are devices that call on
 * and on. Four devices were seen to need 420 in a minute; in an hour 1,324 over bad links, and 3,428 where the server
 * fails on every batch and each of them searches its whole queue for a record that is at fault (ENG-26).
 */
const BOUNDS = [
  { span: MINUTE, most: 1_000 },
  { span: 60 * MINUTE, most: 5_000 },
] as const

/** Counts the moments of a world, by each minute and each hour of its clock. */
export class MomentBounds {
  readonly #counts = BOUNDS.map((bound) => ({ ...bound, started: -1, moments: 0 }))

  /** @param now of the moment, milliseconds @returns whether there were too many of them in its minute or its hour */
  exceededAt(now: number): boolean {
    for (const count of this.#counts) {
      const started = Math.floor(now / count.span)
      count.moments = started === count.started ? count.moments + 1 : 1
      count.started = started
    }
    return this.#counts.some(({ moments, most }) => moments > most)
  }
}
