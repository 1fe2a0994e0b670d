import type { StoreTable, StoreTables } from '../core/local-store.ts'
import type { MemoryDisk } from '../stores/memory/memory-store.ts'

export type DiskTables = { [T in StoreTable]: Map<string, StoreTables[T]> }

/** What lies on a disk in memory, read past its stores. */
export const diskTables = (disk: MemoryDisk): DiskTables => ({
  records: tableOf(disk, 'records'),
  outbox: tableOf(disk, 'outbox'),
  conflicts: tableOf(disk, 'conflicts'),
  values: tableOf(disk, 'values'),
})

function tableOf<T extends StoreTable>(disk: MemoryDisk, name: T): Map<string, StoreTables[T]> {
  const texts = disk.tables.get(name)?.entries() ?? []
  // A store in memory keeps the JSON of what was put.
  return new Map(texts.map(([key, text]) => [key, JSON.parse(text) as StoreTables[T]]))
}
