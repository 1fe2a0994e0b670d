import type { StoreErrorCode } from '../../core/local-store.ts'
import type { MaybePromise } from '../transaction/text-transaction.ts'

export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, unknown>>

/** One connection to an SQLite database, of a driver that answers at once or later. */
export interface SqlConnection {
  /**
   * Runs one statement, prepared once and kept for the next time.
   * @returns its rows; none where it has none
   */
  all(sql: string, parameters?: readonly SqlValue[]): MaybePromise<readonly SqlRow[]>
  close(): MaybePromise<void>
}

/** How the stores of one database hear of each other's commits. */
export interface SqlNotices {
  /** Tells the others that something was committed, where they don't see it by themselves. */
  announce(): void
  /** Calls back when another may have committed something, and now and then without a reason. */
  subscribe(listener: () => void): () => void
}

/** What one platform gives the SQL store. */
export interface SqlDriver {
  /** A connection of its own; the lock's is to a second database beside the store's. */
  connect(database: 'store' | 'lock'): MaybePromise<SqlConnection>
  /** SQLite's primary result code of an error that a connection threw; undefined when it is none of SQLite's. */
  resultCode(error: unknown): number | undefined
  readonly notices: SqlNotices
}

/** SQLite's result codes that mean something to a caller; https://www.sqlite.org/rescode.html. */
export const RESULT_CODES: Readonly<Record<number, StoreErrorCode>> = {
  5: 'busy',
  6: 'busy',
  8: 'unavailable',
  11: 'damaged',
  13: 'full',
  14: 'unavailable',
  23: 'unavailable',
  26: 'damaged',
}
