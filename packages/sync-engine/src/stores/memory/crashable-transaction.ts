import type { TextTransaction } from '../transaction/text-transaction.ts'

/** The transaction of a process that may die: from then on its calls do nothing and are never answered. */
export function crashableTransaction(texts: TextTransaction, crashed: () => boolean): TextTransaction {
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
