/** A signal to end, for a command that awaits it; without one the process ends at once. */
class Interruption {
  readonly #waiting = new Set<() => void>()

  /** Resolves with the next signal. */
  awaited(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** @returns whether a command ends by it; a second signal finds none any more */
  raise(): boolean {
    const awaited = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of awaited) resolve()
    return awaited.length > 0
  }
}

export const interruption = new Interruption()
