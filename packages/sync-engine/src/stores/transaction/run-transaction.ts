import {
  type ListOptions,
  type ReadTransaction,
  StoreError,
  type StoreTable,
  type StoreTables,
  type WriteTransaction,
} from '../../core/local-store.ts'
import { checkKey, keyRange } from './key-range.ts'
import { OrderedCalls } from './ordered-calls.ts'
import type { TextTransaction } from './text-transaction.ts'
import { textOf, valueOf } from './value-text.ts'

type Entry<T extends StoreTable> = readonly [key: string, value: StoreTables[T]]

/**
 * Runs `work` on an adapter's open transaction and says what came of it; the adapter then commits or rolls back.
 *
 * Work that waits for anything but the transaction's own calls is cut off (STO-8): it would hold up every other writer,
 * and IndexedDB would commit the half that is done.
 * @throws what `work` threw, or what the first call threw that failed, also where `work` caught it; a
 * {@link StoreError} `transaction_ended` when it was cut off. In every case nothing runs on the transaction any more.
 */
export function runTransaction<T>(
  texts: TextTransaction,
  work: (transaction: WriteTransaction) => Promise<T>,
): Promise<T> {
  const calls = new OrderedCalls()
  const transaction = { ...readCalls(texts, calls), ...writeCalls(texts, calls) }
  return runWork(texts, calls, () => work(transaction))
}

/** {@link runTransaction} for work that only reads: it is handed no call that writes. */
export function runReadTransaction<T>(
  texts: TextTransaction,
  work: (transaction: ReadTransaction) => Promise<T>,
): Promise<T> {
  const calls = new OrderedCalls()
  const transaction = readCalls(texts, calls)
  return runWork(texts, calls, () => work(transaction))
}

async function runWork<T>(texts: TextTransaction, calls: OrderedCalls, work: () => Promise<T>): Promise<T> {
  const watch = watchForStrangers(texts, calls)
  try {
    const value = await Promise.race([work(), watch.cutOff])
    watch.stop()
    await calls.finish()
    return value
  } finally {
    watch.stop()
    calls.end(
      () => new StoreError('transaction_ended', 'the transaction is over; its calls work only while it runs'),
    )
    await calls.settle()
  }
}

// Between two turns of the event loop all that could go on has gone on. So if then every call is answered and the work
// is not done, it waits for something else.
function watchForStrangers(
  texts: TextTransaction,
  calls: OrderedCalls,
): { readonly cutOff: Promise<never>; readonly stop: () => void } {
  let callOff = () => {}
  let stopped = false
  const cutOff = new Promise<never>((_, reject) => {
    const look = () => {
      if (stopped) return
      if (!calls.idle) {
        callOff = texts.laterTurn(look)
        return
      }
      reject(
        new StoreError(
          'transaction_ended',
          'the transaction waited for something that is none of its own calls; it was rolled back',
        ),
      )
    }
    callOff = texts.laterTurn(look)
  })
  return {
    cutOff,
    stop: () => {
      stopped = true
      callOff()
    },
  }
}

function readCalls(texts: TextTransaction, calls: OrderedCalls): ReadTransaction {
  const reading = <T extends StoreTable, R>(
    table: T,
    keys: readonly string[],
    answer: (values: (StoreTables[T] | undefined)[]) => R,
  ): Promise<R> =>
    calls.call(
      () => keys.map(checkKey),
      async (checked) => {
        const found = checked.length === 0 ? [] : await texts.getMany(table, checked)
        return answer(found.map((text) => (text === undefined ? undefined : valueOf(table, text))))
      },
    )
  return {
    get: (table, key) => reading(table, [key], ([value]) => value),
    getMany: (table, keys) => reading(table, keys, (values) => values),
    list: <T extends StoreTable>(table: T, options?: ListOptions) =>
      calls.call(
        () => keyRange(options),
        async (range) => {
          const found = range === undefined ? [] : await texts.list(table, range)
          return found.map(([key, text]): [string, StoreTables[T]] => [key, valueOf(table, text)])
        },
      ),
    count: (table, options) =>
      calls.call(
        () => keyRange(options?.prefix === undefined ? {} : { prefix: options.prefix }),
        (range) => (range === undefined ? 0 : texts.count(table, range)),
      ),
  }
}

function writeCalls(
  texts: TextTransaction,
  calls: OrderedCalls,
): Omit<WriteTransaction, keyof ReadTransaction> {
  const putMany = <T extends StoreTable>(table: T, entries: readonly Entry<T>[]): Promise<void> =>
    calls.call(
      () => entries.map(([key, value]) => [checkKey(key), textOf(value)] as const),
      (checked) => (checked.length === 0 ? undefined : texts.putMany(table, checked)),
    )
  return {
    putMany,
    put: (table, key, value) => putMany(table, [[key, value]]),
    delete: (table, keys) =>
      calls.call(
        () => keys.map(checkKey),
        (checked) => (checked.length === 0 ? undefined : texts.delete(table, checked)),
      ),
    clear: (table) =>
      calls.call(
        () => {},
        () => texts.clear(table),
      ),
  }
}
