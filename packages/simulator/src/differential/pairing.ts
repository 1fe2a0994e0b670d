/** Names that two servers give to the same things: each name of one goes with one name of the other. */
export class Pairing {
  readonly #forth = new Map<string, string>()
  readonly #back = new Map<string, string>()

  /** Notes that both names mean the same. @returns false if either is known to mean something else */
  pair(one: string, other: string): boolean {
    const [known, knownBack] = [this.#forth.get(one), this.#back.get(other)]
    if (known === undefined && knownBack === undefined) {
      this.#forth.set(one, other)
      this.#back.set(other, one)
      return true
    }
    return known === other && knownBack === one
  }

  /** The first server's name of what the second calls `other`. */
  back(other: string): string | undefined {
    return this.#back.get(other)
  }
}
