/** A termination signal, for a command that awaits it; without such a command the process ends at once. */
class Interruption {
  readonly #waiting = new Set<() => void>()

  /** Resolves with the next signal. */
  awaited(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** @returns whether a command handles it; for a second signal none does */
  raise(): boolean {
    const awaited = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of awaited) resolve()
    return awaited.length > 0
  }
}

export const interruption = new Interruption()
