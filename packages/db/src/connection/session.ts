import type pg from 'pg'

import { ConnectionClosedError } from './connection-closed-error.ts'

/**
 * Statements are prepared once per connection and their plans cached: planning costs more than running them. A plan
 * made while a table was still small would read all of it for as long as the connection lives, while it grows; every
 * statement here has an index to use (docs/decisions/0011).
 */
const SETTINGS: Readonly<Record<string, string>> = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_material: 'off',
}

// Set by a statement: PgBouncer refuses unknown settings in the startup packet. The same round trip identifies the
// server.
const PREPARE = `SELECT ${Object.entries(SETTINGS)
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ')}, set_config('statement_timeout', $1, false),
  pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS "readOnly",
  pg_postmaster_start_time()::text AS server`

/**
 * Sets up a new session of the application's pool.
 * @returns which server it is on: a different text after a failover, or a restart of the same server
 * @throws ConnectionClosedError where it is read-only
 */
export async function prepareSession(client: pg.Client, statementMs: number): Promise<string> {
  const { rows } = await client.query<{ readOnly: boolean; server: string }>(PREPARE, [`${statementMs}ms`])
  if (rows[0]?.readOnly ?? true) throw new ConnectionClosedError('read_only')
  return rows[0]?.server ?? ''
}
