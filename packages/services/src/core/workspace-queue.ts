import {
  Batcher,
  commitWrites,
  type Database,
  inTransaction,
  lockWorkspace,
  MOST_WRITES_AT_ONCE,
  type Queryable,
  type WorkspaceWrite,
  type WriteOutcome,
} from '@fieldsync/db'

import type { Telemetry } from './telemetry.ts'

// Small writes share a flush to disk; a large one is worth its own, and should not keep small ones waiting.
const MOST_CHARACTERS_TOGETHER = 512 * 1024

/** The two queues of one workspace. */
type Turns = {
  readonly together: Batcher<WorkspaceWrite, WriteOutcome>
  readonly alone: Batcher<() => Promise<void>, true>
  users: number
}

/**
 * The writes of this process, in order for each workspace: they take turns at its head row anyway, so a busy workspace
 * holds one connection, and the others find theirs.
 */
export class WorkspaceQueue {
  readonly #db: Database
  readonly #telemetry: Telemetry | undefined
  readonly #turns = new Map<string, Turns>()

  constructor(db: Database, telemetry?: Telemetry) {
    this.#db = db
    this.#telemetry = telemetry
  }

  /** Workspaces with writes that wait or are under way. */
  get size(): number {
    return this.#turns.size
  }

  /**
   * Commits a decided write. Those that come while one is under way are carried out together, in one transaction and
   * with one flush to disk, each as a whole or not at all.
   */
  commit(workspaceId: string, write: WorkspaceWrite): Promise<WriteOutcome> {
    return this.#take(workspaceId, ({ together }) => together.call(write))
  }

  /** Runs `work` in a transaction with the workspace locked, one at a time in this process. */
  async locked<T>(workspaceId: string, work: (connection: Queryable) => Promise<T>): Promise<T> {
    const result = Promise.withResolvers<T>()
    const run = (): Promise<void> =>
      inTransaction(this.#db, async (connection) => {
        await lockWorkspace(connection, workspaceId)
        return await work(connection)
      }).then(result.resolve)
    await this.#take(workspaceId, ({ alone }) => alone.call(run))
    return await result.promise
  }

  /** A workspace's queues exist while they are in use. */
  async #take<T>(workspaceId: string, pass: (turns: Turns) => Promise<T>): Promise<T> {
    const turns = this.#turns.get(workspaceId) ?? createTurns(this.#db, this.#telemetry)
    this.#turns.set(workspaceId, turns)
    turns.users++
    try {
      return await pass(turns)
    } finally {
      turns.users--
      if (turns.users === 0) this.#turns.delete(workspaceId)
    }
  }
}

const createTurns = (db: Database, telemetry: Telemetry | undefined): Turns => ({
  together: new Batcher({
    run: (writes) => db.monitor.write(() => commitWrites(db.pool, writes)),
    runsAtOnce: 1,
    mostCalls: MOST_WRITES_AT_ONCE,
    weigh: charactersOf,
    mostWeight: MOST_CHARACTERS_TOGETHER,
    onRun: telemetry && ((waits, ms) => telemetry.committedTogether(waits, ms)),
  }),
  alone: new Batcher<() => Promise<void>, true>({
    run: async (works) => {
      for (const work of works) await work()
      return works.map(() => true)
    },
    runsAtOnce: 1,
    mostCalls: 1,
  }),
  users: 0,
})

function charactersOf(write: WorkspaceWrite): number {
  let characters = 0
  for (const value of Object.values(write)) if (typeof value === 'string') characters += value.length
  return characters
}
