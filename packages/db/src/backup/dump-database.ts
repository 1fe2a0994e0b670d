import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'

import { connectOnce } from '../connection/connect.ts'
import { QUEUE_SCHEMA } from '../jobs/install-queue.ts'
import { JOBS, STORED_JOBS } from './stored-jobs.ts'
import { readStoredTables, type StoredTable } from './stored-tables.ts'

/** Where a workspace is at the moment of a backup. */
export type DumpedWorkspace = {
  readonly workspaceId: string
  readonly workspaceUid: string
  readonly position: number
  readonly auditSeq: number
  readonly auditHash: string
  readonly stateHash: string
  /** The last row of the audit before its first one here; 0 and the genesis hash where nothing was pruned. */
  readonly beginning: { readonly seq: number; readonly hash: string }
}

/** What a database was at the moment of a backup. */
export type DatabaseDescription = {
  /** Names of the migrations that it has, in order. */
  readonly migrations: readonly string[]
  /** In the order in which they can be loaded; the jobs of the queue are the last one. */
  readonly tables: readonly StoredTable[]
  readonly workspaces: readonly DumpedWorkspace[]
}

/** Consecutive rows of a table, in PostgreSQL's text format of COPY. */
export type TablePart = { readonly table: string; readonly bytes: Buffer; readonly rows: number }

/** A database at one moment. */
export type DatabaseDump = AsyncDisposable & {
  readonly description: DatabaseDescription
  /** All rows, table by table, read as the caller takes them. Can be read once. */
  parts(): AsyncGenerator<TablePart>
}

/** What one part holds at most, unless a single row is longer; memory is bounded by a few of them. */
const PART_BYTES = 4 * 1024 * 1024
/** A reader that takes nothing for this long is gone, and so is a database that sends nothing. */
const SILENCE_MS = 10 * 60_000
const NEWLINE = 10

/** The audit in the order of its chains, so that it can be verified as it is read. */
const ORDERED: Readonly<Record<string, string>> = { audit_entries: 'workspace_id, seq' }

const GENESIS = '0'.repeat(64)
const WORKSPACES = `SELECT w.workspace_id AS "workspaceId", w.workspace_uid AS "workspaceUid", h.position::float8 AS position,
    h.audit_seq::float8 AS "auditSeq", h.audit_hash AS "auditHash", h.state_hash AS "stateHash",
    json_build_object('seq', coalesce(b.seq, 0), 'hash', coalesce(b.hash, '${GENESIS}')) AS beginning
  FROM workspaces w JOIN workspace_heads h USING (workspace_id) LEFT JOIN audit_beginnings b USING (workspace_id)
  ORDER BY w.workspace_id`
const MIGRATIONS = `SELECT migration_name AS name FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`

/**
 * Reads a whole database as it is at one moment, while others write to it (BAK-1): one read-only transaction on a connection of its
 * own, which holds up no one but a migration.
 *
 * @param url of a role that may read every table: the owner's, or the application's
 * @throws what the database fails with
 */
export async function dumpDatabase(url: string): Promise<DatabaseDump> {
  await using stack = new AsyncDisposableStack()
  const connection = stack.use(
    await connectOnce({ url, applicationName: 'fieldsync-backup', silenceMs: SILENCE_MS }),
  )
  const { client } = connection
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await client.query('SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0')
  const migrations = await client.query<{ name: string }>(MIGRATIONS)
  const workspaces = await client.query<DumpedWorkspace>(WORKSPACES)
  const queue = await client.query(`SELECT FROM pg_namespace WHERE nspname = $1`, [QUEUE_SCHEMA])
  const stored = await readStoredTables(client)
  const tables = queue.rowCount === 0 ? stored : [...stored, JOBS]
  const opened = stack.move()
  return {
    description: {
      migrations: migrations.rows.map(({ name }) => name),
      tables,
      workspaces: workspaces.rows,
    },
    parts: async function* () {
      for (const table of tables) yield* partsOf(client, table)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function* partsOf(client: pg.Client, table: StoredTable): AsyncGenerator<TablePart> {
  const copy = client.query(copyTo(`COPY (${selectOf(client, table)}) TO STDOUT`))
  let pieces: Buffer[] = []
  let size = 0
  for await (const chunk of copy as AsyncIterable<Buffer>) {
    pieces.push(chunk)
    size += chunk.length
    if (size < PART_BYTES) continue
    const all = Buffer.concat(pieces)
    const end = all.lastIndexOf(NEWLINE) + 1
    if (end > 0) yield partOf(table, all.subarray(0, end))
    pieces = end < all.length ? [all.subarray(end)] : []
    size = all.length - end
  }
  if (size > 0) yield partOf(table, Buffer.concat(pieces))
}

function selectOf(client: pg.Client, { name, columns }: StoredTable): string {
  if (name === JOBS.name) return STORED_JOBS
  const order = ORDERED[name]
  const list = columns.map((column) => client.escapeIdentifier(column)).join(', ')
  return `SELECT ${list} FROM ${client.escapeIdentifier(name)}${order === undefined ? '' : ` ORDER BY ${order}`}`
}

/** A line break in a value is written as `\n`, so each one here ends a row. */
function partOf({ name }: StoredTable, bytes: Buffer): TablePart {
  let rows = 0
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) rows++
  return { table: name, bytes, rows }
}
