import type { TestServices } from './test-workspace.ts'

/** Work of other connections that a test holds back, to release it at a moment of its choice. */
export class Gate {
  readonly #services: TestServices
  readonly #open: () => Promise<void>
  readonly #holder: number

  constructor(services: TestServices, holder: number, open: () => Promise<void>) {
    this.#services = services
    this.#holder = holder
    this.#open = open
  }

  /** Resolves when exactly `count` connections wait, directly or in line, for what the gate holds. */
  async waiting(count: number): Promise<void> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const { rows } = await this.#services.superuser.pool.query<{ waiting: number }>(
        `WITH RECURSIVE held(pid) AS (
           SELECT $1::int UNION SELECT a.pid FROM pg_stat_activity a JOIN held h ON h.pid = ANY (pg_blocking_pids(a.pid))
         ) SELECT count(*)::int - 1 AS waiting FROM held`,
        [this.#holder],
      )
      if (rows[0]?.waiting === count) return
      if (Date.now() > deadline)
        throw new Error(`${rows[0]?.waiting} connections wait at the gate, not ${count}`)
    }
  }

  open(): Promise<void> {
    return this.#open()
  }
}

/** Holds a workspace's head row: every write of it waits before it looks at anything. */
export const holdWrites = (services: TestServices, workspaceId: string): Promise<Gate> =>
  hold(services, 'SELECT FROM workspace_heads WHERE workspace_id = $1 FOR UPDATE', [workspaceId])

/** Holds an advisory lock that a trigger of the test waits for. */
export const holdLock = (services: TestServices, lock: number): Promise<Gate> =>
  hold(services, 'SELECT pg_advisory_xact_lock($1)', [lock])

async function hold(services: TestServices, statement: string, values: unknown[]): Promise<Gate> {
  const client = await services.owner.pool.connect()
  await client.query('BEGIN')
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await client.query(statement, values)
  let open = false
  return new Gate(services, rows[0]?.pid ?? 0, async () => {
    if (open) return
    open = true
    await client.query('COMMIT')
    client.release()
  })
}
