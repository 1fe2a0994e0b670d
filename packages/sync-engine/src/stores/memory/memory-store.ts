import {
  type LocalStore,
  type ReadTransaction,
  StoreError,
  type StoreTable,
  type StoreTables,
  type WriteTransaction,
} from '../../core/local-store.ts'
import { ChangeListeners } from '../change-listeners.ts'
import { eraseTables, newerSchema, type SchemaStep, STORE_SCHEMA } from '../schema.ts'
import { SerialQueue } from '../serial-queue.ts'
import { runReadTransaction, runTransaction } from '../transaction/run-transaction.ts'
import type { TextTransaction } from '../transaction/text-transaction.ts'
import { valueOf } from '../transaction/value-text.ts'
import { type MemoryTables, MemoryTransaction } from './memory-transaction.ts'

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

/** A store on a {@link MemoryDisk}. */
export class MemoryStore implements LocalStore {
  readonly #disk: MemoryDisk
  readonly #schema: readonly SchemaStep[]
  readonly #listeners = new ChangeListeners()
  #state: 'open' | 'closed' | 'crashed' = 'open'
  /** Cuts off the transaction that runs, if one does. */
  #cutOff = () => {}

  constructor(disk: MemoryDisk, schema: readonly SchemaStep[]) {
    this.#disk = disk
    this.#schema = schema
    disk.stores.add(this)
  }

  read<T>(work: (transaction: ReadTransaction) => Promise<T>): Promise<T> {
    return this.#transact((texts) => runReadTransaction(texts, work))
  }

  write<T>(work: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    return this.#transact((texts) => runTransaction(texts, work))
  }

  erase(remaining: Parameters<LocalStore['erase']>[0]): Promise<void> {
    return this.write((transaction) => eraseTables(transaction, this.#schema, remaining))
  }

  exclusively<T>(work: (lost: AbortSignal) => Promise<T>): Promise<{ ran: true; value: T } | { ran: false }> {
    return this.#unlessCrashed(async () => {
      this.#refuseIfClosed()
      if (this.#disk.holder !== undefined) return { ran: false }
      const hold = { store: this, lost: new AbortController() }
      this.#disk.holder = hold
      try {
        return { ran: true, value: await work(hold.lost.signal) }
      } finally {
        if (this.#disk.holder === hold) this.#disk.holder = undefined
      }
    })
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  close(): Promise<void> {
    return this.#unlessCrashed(async () => {
      if (this.#state !== 'open') return
      this.#state = 'closed'
      if (this.#disk.holder?.store === this) this.#disk.holder.lost.abort()
      await this.#disk.queue.run(() => this.#leave())
    })
  }

  /**
   * What kill -9 does to a process: what was not committed is gone, the lock is free, and nothing that this store was
   * asked for is ever answered, so that no code of the dead process goes on.
   */
  crash(): void {
    if (this.#crashed()) return
    this.#state = 'crashed'
    if (this.#disk.holder?.store === this) this.#disk.holder = undefined
    this.#leave()
    this.#cutOff()
  }

  #leave(): void {
    this.#disk.stores.delete(this)
    this.#listeners.clear()
  }

  #transact<T>(run: (texts: TextTransaction) => Promise<T>): Promise<T> {
    return this.#unlessCrashed(async () => {
      this.#refuseIfClosed()
      return this.#disk.queue.run(async () => {
        const death = this.#death()
        if (this.#crashed()) return death
        const { length } = this.#schema
        if (this.#disk.version > length) throw newerSchema(this.#disk.version, length)
        const transaction = new MemoryTransaction(this.#disk.tables)
        const texts = crashableTransaction(transaction, () => this.#crashed())
        const value = await Promise.race([death, run(texts)])
        if (transaction.changed && !this.#crashed()) this.#commit(transaction)
        return value
      })
    })
  }

  /** Rejects when the process dies, at once if it has. */
  #death(): Promise<never> {
    const death = new Promise<never>((_, reject) => {
      this.#cutOff = () => reject(new Error('the process of this store has died'))
    })
    death.catch(() => {})
    if (this.#crashed()) this.#cutOff()
    return death
  }

  #commit(transaction: MemoryTransaction): void {
    const commit = (this.#disk.commits += 1)
    this.#disk.atCommit({ commit, when: 'before', store: this })
    if (this.#crashed()) return
    transaction.commit()
    this.#disk.atCommit({ commit, when: 'after', store: this })
    this.#listeners.notify()
    for (const store of this.#disk.stores) {
      if (store !== this) queueMicrotask(() => store.#listeners.notify())
    }
  }

  #crashed(): boolean {
    return this.#state === 'crashed'
  }

  #refuseIfClosed(): void {
    if (this.#state === 'closed') throw new StoreError('closed', 'the store is closed')
  }

  #unlessCrashed<T>(task: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => {})
    const outcome = async () => {
      if (this.#crashed()) return never
      try {
        const value = await task()
        return this.#crashed() ? await never : value
      } catch (error) {
        if (this.#crashed()) return never
        throw error
      }
    }
    return outcome()
  }
}

/**
 * Opens the store of a disk, a new one or the one that is there, and migrates it.
 * @param schema for tests; every version of what is stored, oldest first
 * @throws {StoreError} `newer_schema`
 */
export function openMemoryStore(
  disk: MemoryDisk,
  schema: readonly SchemaStep[] = STORE_SCHEMA,
): Promise<MemoryStore> {
  return disk.queue.run(async () => {
    if (disk.version > schema.length) throw newerSchema(disk.version, schema.length)
    const transaction = new MemoryTransaction(disk.tables)
    for (const { creates, rewrite } of schema.slice(disk.version)) {
      for (const table of creates) transaction.create(table)
      if (rewrite !== undefined) await runTransaction(transaction, rewrite)
    }
    transaction.commit()
    disk.version = schema.length
    return new MemoryStore(disk, schema)
  })
}

/** The transaction of a process that may die: from then on its calls do nothing and are never answered. */
function crashableTransaction(texts: TextTransaction, crashed: () => boolean): TextTransaction {
  const alive = <A extends readonly unknown[], R>(
    call: (...args: A) => R,
  ): ((...args: A) => R | Promise<never>) => {
    return (...args) => (crashed() ? new Promise<never>(() => {}) : call(...args))
  }
  return {
    getMany: alive((table, keys) => texts.getMany(table, keys)),
    list: alive((table, range) => texts.list(table, range)),
    count: alive((table, range) => texts.count(table, range)),
    putMany: alive((table, entries) => texts.putMany(table, entries)),
    delete: alive((table, keys) => texts.delete(table, keys)),
    clear: alive((table) => texts.clear(table)),
    laterTurn: (callback) => (crashed() ? () => {} : texts.laterTurn(callback)),
  }
}
