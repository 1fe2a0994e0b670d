/** A map in memory with a bound: beyond it, the entry that was set the longest ago is dropped. */
export class RecentMap<Value> extends Map<string, Value> {
  readonly #most: number

  constructor(most: number) {
    super()
    this.#most = most
  }

  /** Makes the entry the newest one, also where the key has a value already. */
  override set(key: string, value: Value): this {
    this.delete(key)
    super.set(key, value)
    if (this.size > this.#most) this.delete(this.keys().next().value ?? '')
    return this
  }
}
