import type { StoreTable, StoreTables } from '@fieldsync/sync-engine'
import type { MemoryDisk } from '@fieldsync/sync-engine/stores/memory'

/**
 * Reads what is committed on a disk, past the stores that are open on it. A value whose text is as it was at the last
 * reading is the same object again, so that what was worked out for it stays known; it must not be changed.
 */
export class CommittedValues {
  readonly #disk: MemoryDisk
  readonly #read = new Map<StoreTable, Map<string, { readonly text: string; readonly value: unknown }>>()

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  /** All of a table, in the order of its keys. */
  list<T extends StoreTable>(table: T): [key: string, value: StoreTables[T]][] {
    const before = this.#read.get(table)
    const now = new Map<string, { text: string; value: unknown }>()
    this.#read.set(table, now)
    return (this.#disk.tables.get(table)?.entries() ?? []).map(([key, text]) => {
      const known = before?.get(key)
      const entry = known?.text === text ? known : { text, value: JSON.parse(text) as unknown }
      now.set(key, entry)
      // Only the table's own type is put into it.
      return [key, entry.value as StoreTables[T]]
    })
  }
}
