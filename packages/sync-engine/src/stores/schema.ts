import type { StoredValue } from '../core/document-fields.ts'
import { StoreError, type StoreTable, type WriteTransaction } from '../core/local-store.ts'

/** One version of what is stored, as the change from the version before it. Every adapter takes the same steps. */
export type SchemaStep = {
  /** Tables that this version adds. */
  readonly creates: readonly StoreTable[]
  /** Rewrites what the version before has stored, in the transaction that makes the step (STO-10). */
  readonly rewrite?: (transaction: WriteTransaction) => Promise<void>
}

/**
 * Every version of the store, oldest first: a store at version n has taken the first n steps. A step that was released
 * is never edited; a change of what is stored is a step of its own at the end.
 */
export const STORE_SCHEMA: readonly SchemaStep[] = [{ creates: ['records', 'outbox', 'conflicts', 'values'] }]

/** The tables that a store with these steps has. */
export const tablesOf = (schema: readonly SchemaStep[]): StoreTable[] =>
  schema.flatMap(({ creates }) => creates)

/** Deletes everything but some values, in an adapter's transaction (STO-16). */
export async function eraseTables(
  transaction: WriteTransaction,
  schema: readonly SchemaStep[],
  remaining: readonly (readonly [key: string, value: StoredValue])[],
): Promise<void> {
  for (const table of tablesOf(schema)) await transaction.clear(table)
  await transaction.putMany('values', remaining)
}

/** The refusal of a store that a newer version of the app has migrated (STO-11). */
export function newerSchema(found: number | undefined, known: number): StoreError {
  const version = found === undefined ? 'a newer schema' : `schema ${found}`
  return new StoreError(
    'newer_schema',
    `the store has ${version} and this version of the app knows ${known}: update or reload the app; nothing was changed`,
  )
}
