/** Those who want to hear of commits. A listener that throws fails neither the commit nor the other listeners. */
export class ChangeListeners {
  readonly #listeners = new Set<{ readonly call: () => void }>()

  get size(): number {
    return this.#listeners.size
  }

  /** @returns a function that takes the listener out again. */
  add(call: () => void): () => void {
    const entry = { call }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  notify(): void {
    for (const { call } of this.#listeners) {
      try {
        call()
      } catch (error) {
        // As a browser does it: the fault of a listener is reported as uncaught, in a turn of its own.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
