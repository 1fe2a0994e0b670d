import pg from 'pg'

import type { ConnectionClosedError } from './connection-closed-error.ts'
import { guardConnection } from './guard.ts'
import { connectionLimits, KEEP_ALIVE } from './limits.ts'
import { primaryClient } from './primary-client.ts'
import { Primary } from './primary.ts'

export type ConnectOptions = {
  /** Connection URL, or its primary where other connections follow that too. */
  readonly url: string | Primary
  readonly applicationName: string
  /** To connect and log in; default 5,000 ms. */
  readonly connectMs?: number
  /** Silence of the database while an answer is due, ms; 0 for no limit; default 33,000. */
  readonly silenceMs?: number
}

/** A connection outside the pool. */
export type SingleConnection = AsyncDisposable & {
  readonly client: pg.Client
  /** A new limit from now on, milliseconds; 0 for none. */
  allowSilence(milliseconds: number): void
  /** Closes it at once and rejects what is in progress. */
  close(error: ConnectionClosedError): void
}

/**
 * Opens one connection with time limits on everything (RUN-13). Disposing ends it, and never waits for a peer that does
 * not answer.
 */
export async function connectOnce(options: ConnectOptions): Promise<SingleConnection> {
  const limits = connectionLimits()
  const { url, applicationName, connectMs = limits.connectMs, silenceMs = limits.silenceMs } = options
  const primary = url instanceof Primary ? url : new Primary(url)
  const client = new (primaryClient(primary))({
    connectionString: primary.servers[0].url,
    application_name: applicationName,
    connectionTimeoutMillis: connectMs,
    ...KEEP_ALIVE,
  })
  client.on('error', () => undefined) // A lost connection also rejects the running query.
  await client.connect()
  const guard = guardConnection(client, silenceMs)
  return {
    client,
    allowSilence: (milliseconds) => guard.allowSilence(milliseconds),
    close: (error) => guard.close(error),
    [Symbol.asyncDispose]: async () => {
      const timer = setTimeout(() => client.connection.stream.destroy(), connectMs)
      await client.end().catch(() => undefined)
      clearTimeout(timer)
    },
  }
}

const ROUNDS = 3
// PgBouncer's answer to BEGIN with pool_mode = statement.
const STATEMENT_POOLING = /statement pooling/i

/**
 * Whether a pooler gives the server's sessions to several clients in turn (transaction or statement pooling). Settings,
 * prepared statements, locks and LISTEN of a session then belong to no client. Detected with two connections: while one
 * is in a transaction, the other must keep the server process that it had before, and share it with no one.
 */
export async function sharesSessions(one: SingleConnection, url: string): Promise<boolean> {
  const own = await processOf(one)
  await using other = await connectOnce({ url, applicationName: 'fieldsync-start', silenceMs: 5000 })
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await other.client.query('BEGIN')
      const others = await processOf(other)
      if (others === own || (await processOf(one)) !== own) return true
      await other.client.query('COMMIT')
    }
    return false
  } catch (error) {
    if (error instanceof pg.DatabaseError && STATEMENT_POOLING.test(error.message)) return true
    throw error
  }
}

async function processOf({ client }: SingleConnection): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid
}
