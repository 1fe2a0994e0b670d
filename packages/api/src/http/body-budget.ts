import type { ServerResponse } from 'node:http'

/** Bytes of decoded bodies that a server holds at once; what is parsed from them takes many times as much. */
export const BODIES_IN_FLIGHT_BYTES = 64 * 1024 * 1024

/**
 * Memory for request bodies, shared by all requests: each takes what it reads and gives it back when its answer is
 * done. Many large bodies at once are told to come again instead of exhausting the process.
 */
export class BodyBudget {
  #left: number
  readonly #taken = new WeakMap<ServerResponse, number>()

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** @returns false if there is no room for so many bytes at the moment */
  take(res: ServerResponse, bytes: number): boolean {
    if (bytes > this.#left || res.closed) return false
    const before = this.#taken.get(res)
    if (before === undefined) res.once('close', () => (this.#left += this.#taken.get(res) ?? 0))
    this.#left -= bytes
    this.#taken.set(res, (before ?? 0) + bytes)
    return true
  }
}
