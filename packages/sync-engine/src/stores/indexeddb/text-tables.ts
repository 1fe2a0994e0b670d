import type { DBSchema, IDBPDatabase } from 'idb'

import type { StoreTable } from '../../core/ports/local-store.ts'

/** An object store per table: JSON text under the key. */
export type TextTables = DBSchema & Record<StoreTable, { key: string; value: string }>
export type Database = IDBPDatabase<TextTables>
