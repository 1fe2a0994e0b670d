import type { StoredValue } from './document-fields.ts'
import type { LocalConflict } from './local-conflict.ts'
import type { LocalRecord, OutboxEntry } from './local-record.ts'

/**
 * Everything a device keeps, as tables of JSON values under a text key. Keys are ordered by their UTF-16 code units,
 * and hold none outside printable ASCII.
 */
export type StoreTables = {
  /** One per record of the workspace, under `<entityType>/<entityId>`. */
  records: LocalRecord
  /** Local writes that the server has not decided on yet, in the order they were made; under {@link sequenceKey}. */
  outbox: OutboxEntry
  /** Conflicts and quarantined writes that wait for a person; under an id of their own. */
  conflicts: LocalConflict
  /** Single values by name: cursor, in-flight batch, counters … */
  values: StoredValue
}
export type StoreTable = keyof StoreTables

export type ListOptions = {
  /** Only keys that begin with this. */
  prefix?: string
  /** Only keys behind this one, in the direction of the listing. */
  after?: string
  reverse?: boolean
  limit?: number
}

/** Reads inside one consistent view of the store. Awaiting anything but these calls ends the transaction's life. */
export interface ReadTransaction {
  get<T extends StoreTable>(table: T, key: string): Promise<StoreTables[T] | undefined>
  /** In the order of `keys`; undefined where there is none. */
  getMany<T extends StoreTable>(table: T, keys: readonly string[]): Promise<(StoreTables[T] | undefined)[]>
  /** In the order of the keys. */
  list<T extends StoreTable>(table: T, options?: ListOptions): Promise<[key: string, value: StoreTables[T]][]>
  count(table: StoreTable, options?: Pick<ListOptions, 'prefix'>): Promise<number>
}

/** Reads see the transaction's own writes. Values are stored as they are at the call: later changes to them are not. */
export interface WriteTransaction extends ReadTransaction {
  put<T extends StoreTable>(table: T, key: string, value: StoreTables[T]): Promise<void>
  putMany<T extends StoreTable>(
    table: T,
    entries: readonly (readonly [key: string, value: StoreTables[T]])[],
  ): Promise<void>
  delete(table: StoreTable, keys: readonly string[]): Promise<void>
  clear(table: StoreTable): Promise<void>
}

/**
 * Where a device keeps its records. Every adapter passes the same conformance suite.
 *
 * A transaction is all or nothing, also when the process is killed at any moment, and once `write` has resolved it is
 * there to stay. Transactions of several tabs or processes on one store never interleave with a writing one.
 */
export interface LocalStore {
  read<T>(work: (transaction: ReadTransaction) => Promise<T>): Promise<T>
  /** Commits when `work` resolves; rolls back and rejects with its error when it rejects. */
  write<T>(work: (transaction: WriteTransaction) => Promise<T>): Promise<T>
  /**
   * Deletes everything but the given values, in one transaction, and then what the storage has of it beside the tables (STO-16):
   * where it rejects, it is to be called again.
   */
  erase(remaining: readonly (readonly [key: string, value: StoredValue])[]): Promise<void>
  /**
   * Runs `work` unless another is running on this store, in another tab or process too; `{ ran: false }`
   * then, without waiting. A holder that dies lets go by itself. `lost` aborts if the lock is taken away meanwhile.
   */
  exclusively<T>(work: (lost: AbortSignal) => Promise<T>): Promise<{ ran: true; value: T } | { ran: false }>
  /** Calls back after a write was committed, by another tab or process too where the platform notifies; may merge some. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** The key of a place in the outbox: sorts as the number does. */
export const sequenceKey = (sequence: number): string => String(sequence).padStart(16, '0')

/**
 * Why a store refused a call:
 * `unavailable` the platform has no such storage, or does not let this program have it ·
 * `newer_schema` a newer version of the app has written the store; this one must be updated or reloaded ·
 * `blocked` an older version of the app, still open elsewhere, keeps the store from being migrated ·
 * `busy` another process held the store for longer than anybody waits ·
 * `full` the disk or the quota is used up ·
 * `locked` the store is encrypted, and its key is missing or another one ·
 * `damaged` the file is no store, or not a whole one ·
 * `closed` the store was closed or deleted ·
 * `transaction_ended` the transaction was over when the call came, or waited for something that is none of its calls ·
 * `invalid_key` a key, prefix or limit that no store can hold.
 */
export type StoreErrorCode =
  | 'unavailable'
  | 'newer_schema'
  | 'blocked'
  | 'busy'
  | 'full'
  | 'locked'
  | 'damaged'
  | 'closed'
  | 'transaction_ended'
  | 'invalid_key'

/** What a {@link LocalStore} rejects with, besides the errors of its caller's own work (STO-13). */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
