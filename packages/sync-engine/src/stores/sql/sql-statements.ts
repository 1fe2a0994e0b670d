import type { StoreTable } from '../../core/local-store.ts'

/** How many rows one statement writes. Few sizes, so that few statements are prepared; the rest goes in smaller ones. */
export const BLOCKS = [256, 64, 16, 4, 1] as const
export type Block = (typeof BLOCKS)[number]

// A table's name is SQL's own word in one case ("values"), so it stands in quotes.
export const createTable = (table: StoreTable): string =>
  `CREATE TABLE "${table}" (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)`

// Lists of keys travel as one JSON parameter: the statement's text stays the same for any number.
export const selectMany = (table: StoreTable): string =>
  `SELECT wanted.key AS place, found.value FROM json_each(?) AS wanted JOIN "${table}" AS found ON found.key = wanted.value`

export const selectRange = (table: StoreTable, reverse: boolean): string =>
  `SELECT key, value FROM "${table}" WHERE key >= ? AND key < ? ORDER BY key ${reverse ? 'DESC' : 'ASC'} LIMIT ?`

export const countRange = (table: StoreTable): string =>
  `SELECT count(*) AS found FROM "${table}" WHERE key >= ? AND key < ?`

export const upsertBlock = (table: StoreTable, rows: Block): string =>
  `INSERT INTO "${table}" (key, value) VALUES ${Array.from({ length: rows }, () => '(?, ?)').join(', ')}
   ON CONFLICT (key) DO UPDATE SET value = excluded.value`

export const deleteMany = (table: StoreTable): string =>
  `DELETE FROM "${table}" WHERE key IN (SELECT value FROM json_each(?))`

export const deleteAll = (table: StoreTable): string => `DELETE FROM "${table}"`
