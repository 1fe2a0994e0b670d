import type { LocalStore, StoreTable, StoreTables, WriteTransaction } from '@fieldsync/sync-engine'

import type { Mutant } from './mutant.ts'

type Rows<T extends StoreTable> = readonly (readonly [key: string, value: StoreTables[T]])[]

/** What an engine does wrong with the rows that it writes; those that it returns are written instead. */
export type Rewrite = <T extends StoreTable>(
  table: T,
  rows: Rows<T>,
  transaction: WriteTransaction,
) => Rows<T> | Promise<Rows<T>>

/** A store in which an engine writes other rows than it should. @param make asked once for each device */
export const miswriting = (name: string, make: () => Rewrite): Mutant => ({
  name,
  device: () => {
    const rewrite = make()
    return { store: (store) => withWrites(store, (transaction) => rewritten(transaction, rewrite)) }
  },
})

/** A store whose first transaction is a mistake of its program's start. */
export function startingWith(
  store: LocalStore,
  mistake: (transaction: WriteTransaction) => Promise<void>,
): LocalStore {
  void store.write(mistake)
  return store
}

export const withWrites = (
  store: LocalStore,
  wrap: (transaction: WriteTransaction) => WriteTransaction,
): LocalStore => ({
  read: (work) => store.read(work),
  write: (work) => store.write((transaction) => work(wrap(transaction))),
  erase: (remaining) => store.erase(remaining),
  exclusively: (work) => store.exclusively(work),
  onChange: (listener) => store.onChange(listener),
  close: () => store.close(),
})

export function rewritten(transaction: WriteTransaction, rewrite: Rewrite): WriteTransaction {
  const putMany: WriteTransaction['putMany'] = async (table, rows) => {
    const left = await rewrite(table, rows, transaction)
    if (left.length > 0) await transaction.putMany(table, left)
  }
  return {
    get: (table, key) => transaction.get(table, key),
    getMany: (table, keys) => transaction.getMany(table, keys),
    list: (table, options) => transaction.list(table, options),
    count: (table, options) => transaction.count(table, options),
    put: (table, key, value) => putMany(table, [[key, value]]),
    putMany,
    delete: (table, keys) => transaction.delete(table, keys),
    clear: (table) => transaction.clear(table),
  }
}
