import type { ServerResponse } from 'node:http'

import { requestState } from './request-state.ts'

let taken = 0

/** Bytes that requests hold now, in all budgets of this process; 0 once all of them have ended. */
export const memoryTaken = (): number => taken

/**
 * Memory that requests share, for their bodies or for their answers: each reserves what it uses and releases it when
 * its answer is complete. A request that finds no room is refused, which is better than a process without memory. No
 * caller can take more than its share, so that one device with stuck connections does not shut out the others.
 */
export class MemoryBudget {
  #left: number
  readonly #share: number
  readonly #taken = new WeakMap<ServerResponse, number>()
  readonly #byCaller = new Map<string, number>()

  /** @param share the most bytes of one caller; requests of which no caller is known share one */
  constructor(bytes: number, share: number = bytes) {
    this.#left = bytes
    this.#share = share
  }

  /** @returns false if there is currently no room for this many bytes */
  take(res: ServerResponse, bytes: number): boolean {
    const { caller } = requestState(res.req)
    const ofCaller = this.#byCaller.get(caller) ?? 0
    if (bytes > this.#left || ofCaller + bytes > this.#share || res.closed) return false
    const before = this.#taken.get(res)
    if (before === undefined) res.once('close', () => this.#giveBack(res, caller))
    this.#left -= bytes
    taken += bytes
    this.#byCaller.set(caller, ofCaller + bytes)
    this.#taken.set(res, (before ?? 0) + bytes)
    return true
  }

  #giveBack(res: ServerResponse, caller: string): void {
    const bytes = this.#taken.get(res) ?? 0
    this.#left += bytes
    taken -= bytes
    const rest = (this.#byCaller.get(caller) ?? 0) - bytes
    if (rest > 0) this.#byCaller.set(caller, rest)
    else this.#byCaller.delete(caller)
  }
}
