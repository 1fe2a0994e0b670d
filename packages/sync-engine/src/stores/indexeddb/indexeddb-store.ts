import {
  type LocalStore,
  type ReadTransaction,
  StoreError,
  type WriteTransaction,
} from '../../core/local-store.ts'
import { ChangeListeners } from '../change-listeners.ts'
import { eraseTables, type SchemaStep, STORE_SCHEMA, tablesOf } from '../schema.ts'
import { runReadTransaction, runTransaction } from '../transaction/run-transaction.ts'
import { openDatabase } from './database.ts'
import { type Database, IndexedDbTransaction, storeError, type Transaction } from './indexeddb-transaction.ts'
import { underLease } from './lease.ts'
import { underWebLock } from './web-lock.ts'

/**
 * Opens the store in the browser's IndexedDB, made if it is not there. Every tab of the site may have it open.
 * @param schema for tests; every version of what is stored, oldest first
 * @throws {StoreError} `unavailable`, `newer_schema`, `blocked`, `full`
 */
export async function openIndexedDbStore(
  { name }: { readonly name: string },
  schema: readonly SchemaStep[] = STORE_SCHEMA,
): Promise<LocalStore> {
  const store = new IndexedDbStore(name, schema)
  await store.open()
  return store
}

class IndexedDbStore implements LocalStore {
  readonly #name: string
  readonly #schema: readonly SchemaStep[]
  readonly #listeners = new ChangeListeners()
  readonly #running = new Set<Promise<unknown>>()
  /** Tells the other tabs; there are browsers without. */
  readonly #channel: BroadcastChannel | undefined
  #database: Promise<Database> | undefined
  #lost: AbortController | undefined
  /** Why no transaction begins any more. */
  #over: StoreError | undefined

  constructor(name: string, schema: readonly SchemaStep[]) {
    this.#name = name
    this.#schema = schema
    if (typeof BroadcastChannel === 'undefined') return
    this.#channel = new BroadcastChannel(this.#shared)
    this.#channel.addEventListener('message', () => this.#listeners.notify())
  }

  async open(): Promise<void> {
    try {
      await this.#connection()
    } catch (error) {
      this.#channel?.close()
      throw error
    }
  }

  read<T>(work: (transaction: ReadTransaction) => Promise<T>): Promise<T> {
    return this.#transact('readonly', (transaction) => runReadTransaction(transaction, work))
  }

  write<T>(work: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    return this.#transact('readwrite', (transaction) => runTransaction(transaction, work))
  }

  // Browsers overwrite nothing on request: when the disk gives it up is theirs to decide.
  erase(remaining: Parameters<LocalStore['erase']>[0]): Promise<void> {
    return this.write((transaction) => eraseTables(transaction, this.#schema, remaining))
  }

  async exclusively<T>(
    work: (lost: AbortSignal) => Promise<T>,
  ): Promise<{ ran: true; value: T } | { ran: false }> {
    this.#refuseIfOver()
    const lost = new AbortController()
    const holding = async () => {
      this.#lost = lost
      try {
        return await work(lost.signal)
      } finally {
        this.#lost = undefined
      }
    }
    // There only in a secure context.
    const locks: LockManager | undefined = navigator.locks
    return locks === undefined
      ? underLease(`${this.#shared}-lease`, lost, holding)
      : underWebLock(locks, this.#shared, lost, holding)
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    this.#over ??= new StoreError('closed', 'the store is closed')
    this.#lost?.abort()
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    const database = this.#database
    this.#database = undefined
    ;(await database?.catch(() => undefined))?.close()
    this.#channel?.close()
    this.#listeners.clear()
  }

  /** What locks and notices of this store are called, for every tab. */
  get #shared(): string {
    return `fieldsync-store:${this.#name}`
  }

  #transact<T>(
    mode: 'readonly' | 'readwrite',
    run: (transaction: IndexedDbTransaction) => Promise<T>,
  ): Promise<T> {
    const result = this.#runTransaction(mode, run)
    const running = result.catch(() => {}).finally(() => this.#running.delete(running))
    this.#running.add(running)
    return result
  }

  async #runTransaction<T>(
    mode: 'readonly' | 'readwrite',
    run: (transaction: IndexedDbTransaction) => Promise<T>,
  ): Promise<T> {
    this.#refuseIfOver()
    const platform = await this.#begin(mode)
    // From here to the first call nothing may be waited for: a transaction without a request ends.
    const transaction = new IndexedDbTransaction(platform)
    platform.done.catch(() => {})
    const ended = endOf(platform)
    let value: T
    try {
      value = await run(transaction)
    } catch (error) {
      abort(platform)
      await ended
      throw error
    }
    try {
      platform.commit()
      await platform.done
    } catch (error) {
      await ended
      throw storeError(error)
    }
    if (transaction.changed) {
      this.#listeners.notify()
      this.#channel?.postMessage('changed')
    }
    return value
  }

  async #begin(mode: 'readonly' | 'readwrite'): Promise<Transaction> {
    try {
      return this.#transaction(await this.#connection(), mode)
    } catch (error) {
      // Browsers close connections by themselves, of a tab in the background above all. A new one goes on where the
      // old one was: nothing of this transaction has been done yet.
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw storeError(error)
      this.#refuseIfOver()
      this.#database = undefined
      return this.#transaction(await this.#connection(), mode)
    }
  }

  #transaction(database: Database, mode: 'readonly' | 'readwrite'): Transaction {
    const durability = mode === 'readwrite' ? 'strict' : 'default'
    const transaction = database.transaction(tablesOf(this.#schema), mode, { durability })
    // The work of a reader is handed no call that writes.
    return transaction as Transaction
  }

  #connection(): Promise<Database> {
    const database = (this.#database ??= openDatabase(this.#name, this.#schema, {
      onTakenAway: (reason) => {
        this.#over ??= reason
        this.#lost?.abort()
      },
      onLost: () => {
        if (this.#database === database) this.#database = undefined
      },
    }))
    database.catch(() => {
      if (this.#database === database) this.#database = undefined
    })
    return database
  }

  #refuseIfOver(): void {
    if (this.#over !== undefined) throw this.#over
  }
}

function abort(transaction: Transaction): void {
  try {
    transaction.abort()
  } catch {
    // The browser has aborted it already.
  }
}

/** Resolves when nothing of a transaction can happen any more; `done` rejects with its first request that fails. */
const endOf = (transaction: Transaction): Promise<void> =>
  new Promise((resolve) => {
    for (const end of ['complete', 'abort'] as const) transaction.addEventListener(end, () => resolve())
  })
