import type { StoreTable, StoreTables } from '../../core/ports/local-store.ts'
import { SerialQueue } from '../serial-queue.ts'
import { valueOf } from '../transaction/value-text.ts'
import type { MemoryStore } from './memory-store.ts'
import type { MemoryTables } from './memory-transaction.ts'

/** The moments before and after a transaction that changed something becomes durable; the place to crash a store. */
export type CommitPoint = {
  /** Counts the commits of the disk, from 1. */
  readonly commit: number
  readonly when: 'before' | 'after'
  readonly store: MemoryStore
}

/**
 * What outlives the process, for tests and the simulator: the stores opened on one disk are the tabs and restarts of
 * one device. Everything runs in microtasks and in the order of the calls, so a run repeats exactly.
 */
export class MemoryDisk {
  /**
   * Called at every {@link CommitPoint}. `store.crash()` there loses the transaction (`before`), or keeps it without
   * its caller ever hearing of it (`after`).
   */
  atCommit: (point: CommitPoint) => void = () => {}

  /** Of the stores on this disk, as is all that follows. */
  readonly tables: MemoryTables = new Map()
  readonly queue = new SerialQueue()
  readonly stores = new Set<MemoryStore>()
  /** How many steps of the schema were taken. */
  version = 0
  commits = 0
  holder: { readonly store: MemoryStore; readonly lost: AbortController } | undefined

  /** What is committed in a table, for who wants to look at it without opening a store. */
  content<T extends StoreTable>(table: T): [key: string, value: StoreTables[T]][] {
    return (this.tables.get(table)?.entries() ?? []).map(([key, text]) => [key, valueOf(table, text)])
  }

  /** Takes the exclusive lock from whoever has it, as a browser may; the holder's `lost` aborts. */
  breakLock(): void {
    const holder = this.holder
    this.holder = undefined
    holder?.lost.abort()
  }
}
