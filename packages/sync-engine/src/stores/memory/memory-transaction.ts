import type { StoreTable } from '../../ports/local-store.ts'
import type { KeyRange } from '../transaction/key-range.ts'
import { laterTurnByTimer, type TextTransaction } from '../transaction/text-transaction.ts'
import { MemoryTable } from './memory-table.ts'

export type MemoryTables = Map<StoreTable, MemoryTable>

/** Works on the tables themselves and remembers how to take everything back. */
export class MemoryTransaction implements TextTransaction {
  readonly #tables: MemoryTables
  readonly #undo: (() => void)[] = []

  constructor(tables: MemoryTables) {
    this.#tables = tables
  }

  get changed(): boolean {
    return this.#undo.length > 0
  }

  rollback(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo()
  }

  create(table: StoreTable): void {
    this.#tables.set(table, new MemoryTable())
    this.#undo.push(() => void this.#tables.delete(table))
  }

  getMany(table: StoreTable, keys: readonly string[]): (string | undefined)[] {
    const found = this.#table(table)
    return keys.map((key) => found.get(key))
  }

  list(table: StoreTable, range: KeyRange): [string, string][] {
    const found = this.#table(table)
    return found
      .keys(range)
      .slice(0, range.limit)
      .map((key) => [key, found.get(key) ?? ''])
  }

  count(table: StoreTable, range: KeyRange): number {
    return this.#table(table).keys(range).length
  }

  putMany(table: StoreTable, entries: readonly (readonly [key: string, text: string])[]): void {
    for (const [key, text] of entries) this.#set(table, key, text)
  }

  delete(table: StoreTable, keys: readonly string[]): void {
    for (const key of keys) this.#set(table, key, undefined)
  }

  clear(table: StoreTable): void {
    const cleared = this.#table(table)
    this.#tables.set(table, new MemoryTable())
    this.#undo.push(() => void this.#tables.set(table, cleared))
  }

  laterTurn(callback: () => void): () => void {
    return laterTurnByTimer(callback)
  }

  #set(table: StoreTable, key: string, text: string | undefined): void {
    const changed = this.#table(table)
    const before = changed.set(key, text)
    this.#undo.push(() => void changed.set(key, before))
  }

  #table(table: StoreTable): MemoryTable {
    const found = this.#tables.get(table)
    if (found === undefined) throw new TypeError(`there is no table ${table}`)
    return found
  }
}
