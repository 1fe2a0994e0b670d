import pg from 'pg'

import { connectOnce, type SingleConnection } from './connect.ts'

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
