import type pg from 'pg'

import { readServerState, type ServerState } from './server-state.ts'

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
const PREPARE = [
  ...Object.entries(SETTINGS).map(([name, value]) => `set_config('${name}', '${value}', false)`),
  `set_config('statement_timeout', $1, false)`,
]

/** Sets up a new session of a pool. @returns the state of the server that it is on */
export const prepareSession = (client: pg.Client, statementMs: number): Promise<ServerState> =>
  readServerState(client, PREPARE, [`${statementMs}ms`])
