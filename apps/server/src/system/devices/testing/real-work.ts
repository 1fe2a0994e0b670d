import { setTimeout as delay } from 'node:timers/promises'

import { settled } from '@fieldsync/simulator'

// Far beyond a start after kill -9 on a busy machine: anything longer is a hang.
const LONGEST_MS = 60_000

/** Counts operations in real time, so that virtual time can wait for them. */
export class RealWork {
  #count = 0
  #onIdle = (): void => undefined

  /** @returns a function that ends it; a second call does nothing */
  begin(): () => void {
    let ended = false
    this.#count++
    return () => {
      if (ended) return
      ended = true
      if (--this.#count === 0) this.#onIdle()
    }
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const end = this.begin()
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** Resolves when no operation runs, and none starts that waited for that. @throws Error if it never ends */
  async settled(): Promise<void> {
    for (;;) {
      await settled()
      if (this.#count === 0) return
      const idle = new Promise<void>((resolve) => (this.#onIdle = resolve))
      const bound = new AbortController()
      const late = delay(LONGEST_MS, 'late', { signal: bound.signal }).catch(() => 'stopped')
      const outcome = await Promise.race([idle, late])
      bound.abort()
      if (outcome === 'late') throw new Error(`a call was under way for more than ${LONGEST_MS} ms`)
    }
  }
}
