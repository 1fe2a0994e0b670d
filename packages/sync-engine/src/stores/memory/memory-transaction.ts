import type { StoreTable } from '../../core/local-store.ts'
import type { KeyRange } from '../transaction/key-range.ts'
import { laterTurnByTimer, type TextTransaction } from '../transaction/text-transaction.ts'

export type MemoryTables = Map<StoreTable, MemoryTable>

/** What a transaction has written to one table: texts, and undefined for what it has deleted. */
type Changes = { cleared: boolean; readonly texts: Map<string, string | undefined> }

/** Keeps what it writes to itself until it commits; one that is dropped has never been. */
export class MemoryTransaction implements TextTransaction {
  readonly #tables: MemoryTables
  readonly #created: MemoryTables = new Map()
  readonly #changes = new Map<StoreTable, Changes>()

  constructor(tables: MemoryTables) {
    this.#tables = tables
  }

  get changed(): boolean {
    return this.#changes.size > 0
  }

  commit(): void {
    for (const [table, created] of this.#created) this.#tables.set(table, created)
    for (const [table, { cleared, texts }] of this.#changes) {
      const changed = cleared ? new MemoryTable() : this.#table(table)
      for (const [key, text] of texts) changed.set(key, text)
      this.#tables.set(table, changed)
    }
  }

  create(table: StoreTable): void {
    this.#created.set(table, new MemoryTable())
  }

  getMany(table: StoreTable, keys: readonly string[]): (string | undefined)[] {
    return keys.map((key) => this.#get(table, key))
  }

  list(table: StoreTable, range: KeyRange): [string, string][] {
    return this.#keys(table, range)
      .slice(0, range.limit)
      .map((key) => [key, this.#get(table, key) ?? ''])
  }

  count(table: StoreTable, range: KeyRange): number {
    return this.#keys(table, range).length
  }

  putMany(table: StoreTable, entries: readonly (readonly [key: string, text: string])[]): void {
    const { texts } = this.#changesOf(table)
    for (const [key, text] of entries) texts.set(key, text)
  }

  delete(table: StoreTable, keys: readonly string[]): void {
    const { texts } = this.#changesOf(table)
    for (const key of keys) texts.set(key, undefined)
  }

  clear(table: StoreTable): void {
    const changes = this.#changesOf(table)
    changes.cleared = true
    changes.texts.clear()
  }

  laterTurn(callback: () => void): () => void {
    return laterTurnByTimer(callback)
  }

  #get(table: StoreTable, key: string): string | undefined {
    const changes = this.#changes.get(table)
    if (changes?.texts.has(key) === true) return changes.texts.get(key)
    return changes?.cleared === true ? undefined : this.#table(table).get(key)
  }

  /** The keys of a range in its order, without regard to its limit. */
  #keys(table: StoreTable, { lower, upper, reverse }: KeyRange): string[] {
    const changes = this.#changes.get(table)
    let keys = changes?.cleared === true ? [] : this.#table(table).keys(lower, upper)
    if (changes !== undefined && changes.texts.size > 0) {
      const written = [...changes.texts].filter(
        ([key, text]) => text !== undefined && key >= lower && key < upper,
      )
      keys = [...keys.filter((key) => !changes.texts.has(key)), ...written.map(([key]) => key)].toSorted()
    }
    return reverse ? keys.toReversed() : keys
  }

  #changesOf(table: StoreTable): Changes {
    const changes = this.#changes.get(table) ?? { cleared: false, texts: new Map() }
    this.#changes.set(table, changes)
    return changes
  }

  #table(table: StoreTable): MemoryTable {
    const found = this.#created.get(table) ?? this.#tables.get(table)
    if (found === undefined) throw new TypeError(`there is no table ${table}`)
    return found
  }
}

/** Texts under keys, in the order of the keys. */
class MemoryTable {
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
