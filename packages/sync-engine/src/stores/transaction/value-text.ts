import type { StoreTable, StoreTables } from '../../core/local-store.ts'

/**
 * Values are kept as JSON text, in every store alike: text cannot be changed behind the store's back (STO-5), and what
 * one store gives back every other gives back too.
 */
export function textOf(value: StoreTables[StoreTable]): string {
  // Typed as a string, and undefined all the same for what JSON has no word for.
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a store keeps JSON values, not ${typeof value}`)
  return text
}

// Only `put` writes into a table, and it takes nothing but the table's type.
export const valueOf = <T extends StoreTable>(_table: T, text: string): StoreTables[T] =>
  JSON.parse(text) as StoreTables[T]
