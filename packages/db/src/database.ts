import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'

import { PrismaClient } from './generated/client.ts'

/** A connection pool to one database, and the Prisma client over that same pool. */
export type Database = {
  readonly prisma: PrismaClient
  /** For the few statements whose cost was measured to matter (docs/decisions/0002). */
  readonly pool: pg.Pool
  close(): Promise<void>
}

export type DatabaseOptions = {
  /** Connection URL of the application's role. */
  readonly url: string
  /** Most connections at once; default 10. */
  readonly max?: number
  readonly applicationName?: string
  /** How long a request waits for a connection before it is told UNAVAILABLE, milliseconds; default 5,000. */
  readonly connectTimeoutMs?: number
  /** Longest a statement may run, milliseconds; default 30,000. */
  readonly statementTimeoutMs?: number
}

/** Opens lazily: the first query connects. Lost connections are replaced by themselves. */
export function openDatabase(options: DatabaseOptions): Database {
  const {
    url,
    max = 10,
    applicationName = 'fieldsync',
    connectTimeoutMs = 5000,
    statementTimeoutMs = 30_000,
  } = options
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    onConnect: preferIndexes,
  })
  // A connection lost while idle is reported here and replaced at the next query; without a listener Node would exit.
  pool.on('error', () => undefined)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  return {
    prisma,
    pool,
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

/**
 * Statements are prepared once per connection and their plans kept: planning costs more than running them. A plan made
 * while a table was still small would read all of it for as long as the connection lives, while it grows; every
 * statement here has an index to go by (docs/decisions/0011).
 */
async function preferIndexes(client: pg.ClientBase): Promise<void> {
  const off = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_material']
  await client.query(
    `SET plan_cache_mode = force_generic_plan; ${off.map((name) => `SET ${name} = off`).join('; ')}`,
  )
}
