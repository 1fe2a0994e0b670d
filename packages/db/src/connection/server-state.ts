import pg from 'pg'

import type { CloseReason } from './connection-closed-error.ts'
import type { DatabaseServer } from './database-url.ts'
import { guardConnection } from './guard.ts'
import { KEEP_ALIVE } from './limits.ts'

/** What one server says of itself. */
export type ServerState = {
  readonly readOnly: boolean
  /** When it was started: another text after a failover, or a restart of the same server. */
  readonly started: string
  /** Names the database cluster, the same on a primary and its standbys; null where this role may not know. */
  readonly system: string | null
  /** Each promotion begins a new one, with the next number; null on a standby, or where this role may not know. */
  readonly timeline: number | null
}

/** The cluster that a process uses, and the newest timeline of it that the process has seen. */
export type KnownCluster = { readonly system: string | null; readonly timeline: number | null }

const STATE = `pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS "readOnly",
  pg_postmaster_start_time()::text AS started`
// The name of the present WAL file begins with the timeline. The control file has it only from the next checkpoint on.
const IDENTITY = `(pg_control_system()).system_identifier::text AS system,
  CASE WHEN NOT pg_is_in_recovery()
    THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline`
// A managed database may keep these functions to itself, or not have them.
const WITHHELD: ReadonlySet<string> = new Set(['42501', '42883', '0A000'])

/**
 * Reads the state of the server that a connection leads to, in one round trip.
 * @param columns of the same statement, before those of the state
 * @throws what the database or the connection fails with
 */
export async function readServerState(
  client: pg.Client,
  columns: readonly string[] = [],
  values: readonly string[] = [],
): Promise<ServerState> {
  const read = async (...last: string[]) => {
    const text = `SELECT ${[...columns, STATE, ...last].join(', ')}`
    const { rows } = await client.query<ServerState>(text, [...values])
    return rows[0]
  }
  let state: ServerState | undefined
  try {
    state = await read(IDENTITY)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !WITHHELD.has(error.code ?? '')) throw error
    state = await read('NULL AS system', 'NULL AS timeline')
  }
  if (!state) throw new Error('the database returned no state')
  return state
}

/** Why a server must not be used by a process that knows this cluster (HA-2, HA-3); undefined where it may be. */
export function refusalOf(state: ServerState, known: KnownCluster): CloseReason | undefined {
  if (known.system !== null && state.system !== null && state.system !== known.system) return 'foreign'
  if (state.readOnly) return 'read_only'
  if (known.timeline !== null && state.timeline !== null && state.timeline < known.timeline) return 'stale'
  return undefined
}

/**
 * Asks one server for its state on a connection of its own.
 * @param limitMs for connecting, and for the answer
 * @param signal closes the connection at once
 */
export async function askServer(
  server: DatabaseServer,
  limitMs: number,
  signal: AbortSignal,
): Promise<ServerState> {
  const client = new pg.Client({
    connectionString: server.url,
    application_name: 'fieldsync-primary',
    connectionTimeoutMillis: limitMs,
    ...KEEP_ALIVE,
  })
  client.on('error', () => undefined) // A lost connection also rejects the running query.
  const close = (): void => void client.connection.stream.destroy()
  signal.addEventListener('abort', close)
  try {
    await client.connect()
    guardConnection(client, limitMs)
    const state = await readServerState(client)
    // Its end is not waited for; the guard closes it where the other side does not.
    client.end().catch(() => undefined)
    return state
  } catch (error) {
    close()
    throw error
  } finally {
    signal.removeEventListener('abort', close)
  }
}
