import type { KeyRange } from '../transaction/key-range.ts'

/** Texts under keys, in the order of the keys. */
export class MemoryTable {
  readonly #texts = new Map<string, string>()
  readonly #keys: string[] = []

  get(key: string): string | undefined {
    return this.#texts.get(key)
  }

  /** Puts `text` under `key`, or takes away what is there when it is undefined. @returns what was there before. */
  set(key: string, text: string | undefined): string | undefined {
    const before = this.#texts.get(key)
    if (text === undefined) {
      if (this.#texts.delete(key)) this.#keys.splice(this.#place(key), 1)
    } else {
      if (before === undefined) this.#keys.splice(this.#place(key), 0, key)
      this.#texts.set(key, text)
    }
    return before
  }

  /** The keys of a range in its order, without regard to its limit. */
  keys({ lower, upper, reverse }: KeyRange): string[] {
    const found = this.#keys.slice(this.#place(lower), this.#place(upper))
    return reverse ? found.toReversed() : found
  }

  allKeys(): readonly string[] {
    return this.#keys
  }

  /** Where `key` is, or belongs, among the keys. */
  #place(key: string): number {
    let from = 0
    let to = this.#keys.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#keys[middle] ?? '') < key) from = middle + 1
      else to = middle
    }
    return from
  }
}
