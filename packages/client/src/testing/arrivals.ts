/** Things that happen one by one, to be waited for. */
export class Arrivals<T> {
  readonly #waiting: T[] = []
  #wake = (): void => undefined

  add(item: T): void {
    this.#waiting.push(item)
    this.#wake()
  }

  get size(): number {
    return this.#waiting.length
  }

  async next(): Promise<T> {
    for (;;) {
      const item = this.#waiting.shift()
      if (item !== undefined) return item
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
