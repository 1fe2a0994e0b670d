import type { StoredValue } from '../../core/document-fields.ts'
import type {
  LocalStore,
  ReadTransaction,
  StoreTable,
  StoreTables,
  WriteTransaction,
} from '../../core/local-store.ts'

export const TABLES: readonly StoreTable[] = ['records', 'outbox', 'conflicts', 'values']

/** A value for any table. A store looks into none, so one that is not of the table's shape serves as well. */
export const anyValue = <T extends StoreTable>(_table: T, value: StoredValue): StoreTables[T] =>
  value as StoreTables[T]

/** The keys of a listing. */
export const keysOf = (listed: readonly (readonly [string, unknown])[]): string[] =>
  listed.map(([key]) => key)

/** Everything in a table. */
export const contentOf = (
  store: LocalStore,
  table: StoreTable = 'values',
): Promise<Record<string, unknown>> =>
  store.read(async (transaction) => Object.fromEntries(await transaction.list(table)))

/** Adds to the number under `key`, by reading it first. */
export async function add(transaction: WriteTransaction, key: string, amount: number): Promise<void> {
  await transaction.put('values', key, (await numberAt(transaction, key)) + amount)
}

export async function numberAt(transaction: ReadTransaction, key: string): Promise<number> {
  const value = await transaction.get('values', key)
  return typeof value === 'number' ? value : 0
}

/** A promise to be resolved by hand. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Resolves with what `promise` rejects with. */
export const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('this was to be rejected'),
    (error: unknown) => error,
  )
