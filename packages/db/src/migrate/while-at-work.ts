import { setTimeout as delay } from 'node:timers/promises'

import pg from 'pg'

import { connectOnce, type SingleConnection } from '../connection/connect.ts'
import { ConnectionClosedError } from '../connection/connection-closed-error.ts'

const SILENCE_AFTERWARDS_MS = 33_000
const CHECK_EVERY_MS = 10_000
/** A statement may end just when its process is looked up. */
const MOST_MISSES = 3

/**
 * Runs statements that may take as long as they need, without a limit on silence: every few seconds another connection
 * checks whether the database is still working on them. When it is not, or the check fails, several times in a row, the
 * answer was lost and the connection is closed (RUN-13).
 */
export async function whileAtWork<T>(
  connection: SingleConnection,
  { url, checkEveryMs = CHECK_EVERY_MS }: { url: string; checkEveryMs?: number | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const { rows } = await connection.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = rows[0]?.pid ?? 0
  const ended = new AbortController()
  const watch = async (): Promise<void> => {
    for (let misses = 0; misses < MOST_MISSES;) {
      await delay(checkEveryMs, undefined, { signal: ended.signal, ref: false })
      misses = (await isAtWork(url, pid)) ? 0 : misses + 1
    }
    connection.close(new ConnectionClosedError('silent', ', and is no longer working'))
  }
  connection.allowSilence(0)
  watch().catch(() => undefined) // Ended.
  try {
    return await work()
  } finally {
    ended.abort()
    connection.allowSilence(SILENCE_AFTERWARDS_MS)
  }
}

async function isAtWork(url: string, pid: number): Promise<boolean> {
  try {
    await using asking = await connectOnce({ url, applicationName: 'fieldsync-migrate', silenceMs: 5000 })
    const { rows } = await asking.client.query<{ state: string }>(
      'SELECT state FROM pg_stat_activity WHERE pid = $1',
      [pid],
    )
    return rows[0]?.state === 'active'
  } catch (error) {
    // A refusal, such as for too many connections, comes from a working database.
    return error instanceof pg.DatabaseError
  }
}
