import {
  type LocalStore,
  type ReadTransaction,
  StoreError,
  type WriteTransaction,
} from '../../core/local-store.ts'
import { ChangeListeners } from '../change-listeners.ts'
import { eraseTables, type SchemaStep } from '../schema.ts'
import { SerialQueue } from '../serial-queue.ts'
import { runReadTransaction, runTransaction } from '../transaction/run-transaction.ts'
import type { SqlDriver } from './sql-connection.ts'
import { SqlDatabase } from './sql-database.ts'
import { SqlLock } from './sql-lock.ts'
import { migrate, pragma, recognize, refuseNewer } from './sql-schema.ts'
import { SqlTransaction } from './sql-transaction.ts'

/**
 * Opens the store in a driver's database and migrates it.
 * @throws {StoreError} `newer_schema`, `damaged`, `unavailable`, `busy`
 */
export async function openSqlStore(driver: SqlDriver, schema: readonly SchemaStep[]): Promise<LocalStore> {
  const database = await SqlDatabase.connect(driver, 'store')
  try {
    await recognize(database, schema)
    const [mode] = await database.allWhenFree('PRAGMA journal_mode = WAL')
    if (mode?.['journal_mode'] !== 'wal') {
      throw new StoreError('unavailable', 'the database cannot keep a write-ahead log in this place')
    }
    // What was committed is on the disk, and on a device by Apple beyond the disk's own memory, too.
    await database.allWhenFree('PRAGMA synchronous = FULL')
    await database.allWhenFree('PRAGMA fullfsync = ON')
    await migrate(database, schema)
    return new SqlStore(driver, database, schema, await pragma(database, 'data_version'))
  } catch (error) {
    await database.close()
    throw error
  }
}

/** One connection, one transaction at a time, in the order in which they were asked for. */
class SqlStore implements LocalStore {
  readonly #driver: SqlDriver
  readonly #database: SqlDatabase
  readonly #schema: readonly SchemaStep[]
  readonly #lock: SqlLock
  readonly #queue = new SerialQueue()
  readonly #listeners = new ChangeListeners()
  #stopNotices: (() => void) | undefined
  /** Changes whenever another connection has committed something. */
  #seenVersion: number
  #lookAhead = false
  #closing: Promise<void> | undefined
  #lost: AbortController | undefined

  constructor(driver: SqlDriver, database: SqlDatabase, schema: readonly SchemaStep[], version: number) {
    this.#driver = driver
    this.#database = database
    this.#schema = schema
    this.#lock = new SqlLock(driver)
    this.#seenVersion = version
  }

  read<T>(work: (transaction: ReadTransaction) => Promise<T>): Promise<T> {
    return this.#transact('BEGIN', (transaction) => runReadTransaction(transaction, work))
  }

  write<T>(work: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    return this.#transact('BEGIN IMMEDIATE', (transaction) => runTransaction(transaction, work))
  }

  /** Deleted text is overwritten, in pages that were free before too, and the write-ahead log is emptied. */
  async erase(remaining: Parameters<LocalStore['erase']>[0]): Promise<void> {
    this.#refuseIfClosed()
    await this.#queue.run(() => this.#database.allWhenFree('PRAGMA secure_delete = ON'))
    await this.write((transaction) => eraseTables(transaction, this.#schema, remaining))
    await this.#queue.run(async () => {
      await this.#database.allWhenFree('VACUUM')
      // While another process reads, SQLite empties the log with a later checkpoint.
      await this.#database.allWhenFree('PRAGMA wal_checkpoint(TRUNCATE)')
    })
  }

  async exclusively<T>(
    work: (lost: AbortSignal) => Promise<T>,
  ): Promise<{ ran: true; value: T } | { ran: false }> {
    this.#refuseIfClosed()
    const letGo = await this.#lock.take()
    if (letGo === undefined) return { ran: false }
    const lost = new AbortController()
    this.#lost = lost
    if (this.#closing !== undefined) lost.abort()
    try {
      return { ran: true, value: await work(lost.signal) }
    } finally {
      this.#lost = undefined
      await letGo()
    }
  }

  onChange(listener: () => void): () => void {
    this.#stopNotices ??= this.#driver.notices.subscribe(() => this.#lookForChanges())
    const remove = this.#listeners.add(listener)
    return () => {
      remove()
      if (this.#listeners.size > 0) return
      this.#stopNotices?.()
      this.#stopNotices = undefined
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopNotices?.()
    this.#lost?.abort()
    await this.#lock.close()
    await this.#queue.run(() => this.#database.close())
    this.#listeners.clear()
  }

  async #transact<T>(begin: string, run: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
    this.#refuseIfClosed()
    return this.#queue.run(async () => {
      await this.#database.allWhenFree(begin)
      const transaction = new SqlTransaction(this.#database)
      let value: T
      try {
        await refuseNewer(this.#database, this.#schema)
        value = await run(transaction)
        await this.#database.all('COMMIT')
      } catch (error) {
        // After some errors SQLite has rolled back by itself.
        await this.#database.all('ROLLBACK').catch(() => {})
        throw error
      }
      if (transaction.changed) {
        this.#listeners.notify()
        this.#driver.notices.announce()
      }
      return value
    })
  }

  #lookForChanges(): void {
    if (this.#lookAhead || this.#closing !== undefined) return
    this.#lookAhead = true
    const look = this.#queue.run(async () => {
      this.#lookAhead = false
      const version = await pragma(this.#database, 'data_version')
      if (version === this.#seenVersion) return
      this.#seenVersion = version
      this.#listeners.notify()
    })
    // Nobody waits for this; what is wrong with the database, the next transaction will say.
    look.catch(() => {})
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw new StoreError('closed', 'the store is closed')
  }
}
