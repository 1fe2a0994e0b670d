import { setTimeout as delay } from 'node:timers/promises'

import type { Database } from '@fieldsync/db'

/** The writes of one workspace, held back at the database until released. */
type BlockedWrites = AsyncDisposable & {
  /** Resolves when exactly `count` connections wait. */
  waiting(count: number): Promise<void>
  release(): Promise<void>
}

const LIMIT_MS = 20_000

/** Locks the head row of a workspace, which every write of it locks before it changes anything. */
export async function holdWrites({ pool }: Database, workspaceId: string): Promise<BlockedWrites> {
  const client = await pool.connect()
  await client.query('BEGIN')
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await client.query('SELECT FROM workspace_heads WHERE workspace_id = $1 FOR UPDATE', [workspaceId])
  let held = true
  const release = async () => {
    if (!held) return
    held = false
    await client.query('COMMIT')
    client.release()
  }
  return {
    release,
    [Symbol.asyncDispose]: release,
    waiting: async (count) => {
      for (const deadline = Date.now() + LIMIT_MS; ; await delay(10)) {
        const { rows: found } = await pool.query<{ waiting: number }>(
          `WITH RECURSIVE held(pid) AS (
             SELECT $1::int UNION SELECT a.pid FROM pg_stat_activity a JOIN held h ON h.pid = ANY (pg_blocking_pids(a.pid))
           ) SELECT count(*)::int - 1 AS waiting FROM held`,
          [rows[0]?.pid],
        )
        if (found[0]?.waiting === count) return
        if (Date.now() > deadline) throw new Error(`${found[0]?.waiting} connections wait, not ${count}`)
      }
    },
  }
}
