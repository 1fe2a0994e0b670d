import { setTimeout as delay } from 'node:timers/promises'

import pg from 'pg'

/** How long what has just ended may take to be gone; on a busy machine a closed connection outlives its client. */
const GRACE_MS = 5000

const AT_WORK = `SELECT format('a session of %s (%s): %s', a.application_name, a.state, left(a.query, 100)) AS session
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND (a.xact_start IS NOT NULL OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory'))`

/**
 * For the end of a run on a database: nothing is left that should have ended with its calls. No session is in a
 * transaction or holds an advisory lock, and `leftOver` names nothing.
 *
 * @param url as a superuser, of the database
 * @throws Error that names what is left
 */
export async function expectNothingLeft(url: string, leftOver: () => readonly string[]): Promise<void> {
  const client = new pg.Client(url)
  // A cluster that a test has ended holds nothing.
  const reached = await client.connect().then(
    () => true,
    () => false,
  )
  try {
    const deadline = performance.now() + GRACE_MS
    for (;;) {
      const sessions = reached ? (await client.query<{ session: string }>(AT_WORK)).rows : []
      const found = [...leftOver(), ...sessions.map(({ session }) => session)]
      if (found.length === 0) return
      if (performance.now() > deadline) throw new Error(`left over: ${found.join('; ')}`)
      await delay(20)
    }
  } finally {
    if (reached) await client.end()
  }
}
