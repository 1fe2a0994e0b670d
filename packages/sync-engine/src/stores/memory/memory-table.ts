/** Texts under keys, in the order of the keys. */
export class MemoryTable {
  readonly #texts = new Map<string, string>()
  readonly #keys: string[] = []

  get(key: string): string | undefined {
    return this.#texts.get(key)
  }

  /** Puts `text` under `key`, or takes away what is there when it is undefined. */
  set(key: string, text: string | undefined): void {
    if (text === undefined) {
      if (this.#texts.delete(key)) this.#keys.splice(this.#place(key), 1)
      return
    }
    if (!this.#texts.has(key)) this.#keys.splice(this.#place(key), 0, key)
    this.#texts.set(key, text)
  }

  /** The keys from `lower` (included) to `upper` (not included). */
  keys(lower: string, upper: string): string[] {
    return this.#keys.slice(this.#place(lower), this.#place(upper))
  }

  entries(): [key: string, text: string][] {
    return this.#keys.map((key) => [key, this.#texts.get(key) ?? ''])
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
