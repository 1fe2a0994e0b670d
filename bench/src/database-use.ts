import { zstdCompressSync } from 'node:zlib'

import type pg from 'pg'

/** What a database has written and stored so far. */
export type DatabaseUse = {
  readonly walBytes: number
  readonly databaseBytes: number
  readonly deadRows: number
  readonly autovacuums: number
}

const USE = `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS "walBytes",
    pg_database_size(current_database())::float8 AS "databaseBytes",
    sum(n_dead_tup)::int AS "deadRows", sum(autovacuum_count)::int AS autovacuums
  FROM pg_stat_user_tables`

export async function databaseUse(client: pg.Client): Promise<DatabaseUse> {
  const { rows } = await client.query<DatabaseUse>(USE)
  const [use] = rows
  if (!use) throw new Error('no statistics')
  return use
}

/** A table with its indexes, bytes. */
export type TableUse = {
  readonly table: string
  readonly rows: number
  /** Its rows, with what is stored apart from them for its length. */
  readonly heap: number
  readonly indexes: number
  readonly autovacuums: number
  readonly dead: number
}

const TABLES = `SELECT s.relname AS table, c.reltuples::float8 AS rows,
    pg_table_size(s.relid)::float8 AS heap, pg_indexes_size(s.relid)::float8 AS indexes,
    s.autovacuum_count::int AS autovacuums, s.n_dead_tup::int AS dead
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
  WHERE s.schemaname = 'public' ORDER BY pg_total_relation_size(s.relid) DESC LIMIT $1`

/** The largest tables, the largest first. */
export async function largestTables(client: pg.Client, limit: number): Promise<TableUse[]> {
  return (await client.query<TableUse>(TABLES, [limit])).rows
}

/** Rewrites tables, so that their sizes without bloat show. Nothing may use them meanwhile. */
export async function rewrite(client: pg.Client, tables: readonly TableUse[]): Promise<TableUse[]> {
  for (const { table } of tables) await client.query(`VACUUM (FULL, ANALYZE) ${table}`)
  return await largestTables(client, 100)
}

/** Stored answers of one operation. */
export type AnswerUse = {
  readonly operation: string
  readonly answers: number
  /** As text, and as the database stores it. */
  readonly textBytes: number
  readonly storedBytes: number
}

const ANSWERS = `SELECT operation, count(*)::int AS answers, sum(octet_length(response))::float8 AS "textBytes",
    sum(pg_column_size(response))::float8 AS "storedBytes"
  FROM sync_events WHERE device_id <> 'dev_filled' GROUP BY operation ORDER BY 4 DESC`

/** Without those that were filled in. */
export async function storedAnswers(client: pg.Client): Promise<AnswerUse[]> {
  return (await client.query<AnswerUse>(ANSWERS)).rows
}

/** How far stored answers can be compressed: bytes of a sample of them, by ways to do it. */
export type Compressed = Readonly<
  Record<'text' | 'each by itself' | 'each with a dictionary' | 'by the hundred', number>
>

const SAMPLE = `SELECT response FROM sync_events TABLESAMPLE SYSTEM (20) WHERE device_id <> 'dev_filled' LIMIT 4000`
const DICTIONARY_ANSWERS = 60
const TOGETHER = 100

/** Zstandard at its default level; the dictionary is some other answers, one after the other. */
export async function compressedAnswers(client: pg.Client): Promise<Compressed> {
  const { rows } = await client.query<{ response: string }>(SAMPLE)
  const every = Math.ceil(rows.length / DICTIONARY_ANSWERS)
  const texts = rows.map(({ response }) => response)
  const dictionary = Buffer.from(texts.filter((_, i) => i % every === 0).join(''))
  const sample = texts.filter((_, i) => i % every !== 0).map((text) => Buffer.from(text))
  const together = Array.from({ length: Math.ceil(sample.length / TOGETHER) }, (_, i) =>
    Buffer.concat(sample.slice(i * TOGETHER, (i + 1) * TOGETHER)),
  )
  const total = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { length }) => sum + length, 0)
  return {
    text: total(sample),
    'each by itself': total(sample.map((text) => zstdCompressSync(text))),
    'each with a dictionary': total(sample.map((text) => zstdCompressSync(text, { dictionary }))),
    'by the hundred': total(together.map((text) => zstdCompressSync(text))),
  }
}
