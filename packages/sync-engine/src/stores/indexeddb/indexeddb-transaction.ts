import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb'

import { StoreError, type StoreErrorCode, type StoreTable } from '../../core/local-store.ts'
import type { KeyRange } from '../transaction/key-range.ts'
import { laterTurnByTimer, type TextTransaction } from '../transaction/text-transaction.ts'

export type Transaction = IDBPTransaction<TextTables, StoreTable[], 'readwrite' | 'versionchange'>

/** The calls on an IndexedDB transaction; who began it also ends it. */
export class IndexedDbTransaction implements TextTransaction {
  readonly #transaction: Transaction
  #changed = false

  constructor(transaction: Transaction) {
    this.#transaction = transaction
  }

  get changed(): boolean {
    return this.#changed
  }

  getMany(table: StoreTable, keys: readonly string[]): Promise<(string | undefined)[]> {
    return this.#requests((transaction) => {
      const store = transaction.objectStore(table)
      return Promise.all(keys.map((key) => store.get(key)))
    })
  }

  list(table: StoreTable, range: KeyRange): Promise<[string, string][]> {
    return this.#requests(async (transaction) => {
      const store = transaction.objectStore(table)
      const keys = bounds(range)
      if (range.reverse && range.limit !== undefined) {
        const found: [string, string][] = []
        // Everywhere there is only the cursor to go backwards by.
        let cursor = await store.openCursor(keys, 'prev')
        while (cursor !== null) {
          found.push([cursor.key, cursor.value])
          cursor = found.length < range.limit ? await cursor.continue() : null
        }
        return found
      }
      const [names, texts] = await Promise.all([
        store.getAllKeys(keys, range.limit),
        store.getAll(keys, range.limit),
      ])
      const found = names.map((key, at): [string, string] => [key, texts[at] ?? ''])
      return range.reverse ? found.toReversed() : found
    })
  }

  count(table: StoreTable, range: KeyRange): Promise<number> {
    return this.#requests((transaction) => transaction.objectStore(table).count(bounds(range)))
  }

  putMany(table: StoreTable, entries: readonly (readonly [key: string, text: string])[]): Promise<void> {
    this.#changed = true
    return this.#requests(async (transaction) => {
      const store = transaction.objectStore(table)
      await Promise.all(entries.map(([key, text]) => store.put(text, key)))
    })
  }

  delete(table: StoreTable, keys: readonly string[]): Promise<void> {
    this.#changed = true
    return this.#requests(async (transaction) => {
      const store = transaction.objectStore(table)
      await Promise.all(keys.map((key) => store.delete(key)))
    })
  }

  clear(table: StoreTable): Promise<void> {
    this.#changed = true
    return this.#requests((transaction) => transaction.objectStore(table).clear())
  }

  /**
   * A turn is a request that waits behind all others. While it waits, IndexedDB takes the transaction for unfinished:
   * so it is never committed by itself before it was looked at, with half of its work done.
   */
  laterTurn(callback: () => void): () => void {
    let off = false
    let callOff = () => {
      off = true
    }
    const wait = async () => {
      try {
        await this.#smallRequest()
        if (!off) callback()
      } catch {
        // The transaction is over; what still waits for its calls is answered without it.
        if (!off) callOff = laterTurnByTimer(callback)
      }
    }
    void wait()
    return () => callOff()
  }

  async #smallRequest(): Promise<void> {
    const [table] = this.#transaction.objectStoreNames
    if (table === undefined) throw new TypeError('a store has tables')
    await this.#transaction.objectStore(table).getKey('')
  }

  async #requests<T>(make: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      return await make(this.#transaction)
    } catch (error) {
      throw storeError(error)
    }
  }
}

const bounds = ({ lower, upper }: KeyRange): IDBKeyRange => IDBKeyRange.bound(lower, upper, false, true)

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  QuotaExceededError: 'full',
  DataError: 'damaged',
  NotReadableError: 'damaged',
  InvalidStateError: 'unavailable',
  SecurityError: 'unavailable',
  UnknownError: 'unavailable',
  AbortError: 'unavailable',
  TransactionInactiveError: 'transaction_ended',
}

/** What a failure of the browser's means to the caller; anything else as it is. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error
  const code = CODES[error.name]
  if (code === undefined) return error
  const advice =
    code === 'full' ? 'there is no room left for this site; nothing of the transaction was kept: ' : ''
  return new StoreError(code, `${advice}${error.name}: ${error.message}`, { cause: error })
}

/** An object store per table: JSON text under the key. */
export type TextTables = DBSchema & Record<StoreTable, { key: string; value: string }>
export type Database = IDBPDatabase<TextTables>
