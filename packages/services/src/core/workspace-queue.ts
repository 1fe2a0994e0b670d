import {
  Batcher,
  type Database,
  inTransaction,
  lockWorkspace,
  type Queryable,
  type WorkspaceWrite,
  type WriteOutcome,
} from '@fieldsync/db'

import { CommitQueue, type CommitScope } from './commit-queue.ts'
import type { Telemetry } from './telemetry.ts'

/** The work under the lock of one workspace, one after the other. */
type Turns = { readonly batcher: Batcher<() => Promise<void>, true>; users: number }

/**
 * The writes of this process, in order for each workspace: they take turns at its head row anyway, so a busy workspace
 * holds few connections, and the others find theirs.
 */
export class WorkspaceQueue {
  readonly #db: Database
  readonly #commits: CommitQueue
  readonly #turns = new Map<string, Turns>()

  constructor(db: Database, options: { scope: CommitScope; telemetry: Telemetry | undefined }) {
    this.#db = db
    this.#commits = new CommitQueue(db, options)
  }

  /** Workspaces with writes that wait or are under way. */
  get size(): number {
    return new Set([...this.#commits.workspaces, ...this.#turns.keys()]).size
  }

  /**
   * Commits a decided write. Those that come while others are under way are carried out together, in one transaction and
   * with one flush to disk, each as a whole or not at all (BAT-1).
   */
  commit(write: WorkspaceWrite): Promise<WriteOutcome> {
    return this.#commits.commit(write)
  }

  /** Runs `work` in a transaction with the workspace locked, one at a time in this process. */
  async locked<T>(workspaceId: string, work: (connection: Queryable) => Promise<T>): Promise<T> {
    const result = Promise.withResolvers<T>()
    const run = (): Promise<void> =>
      inTransaction(this.#db, async (connection) => {
        await lockWorkspace(connection, workspaceId)
        return await work(connection)
      }).then(result.resolve)
    // A workspace's turns exist while they are in use.
    const turns = this.#turns.get(workspaceId) ?? { batcher: oneAfterTheOther(), users: 0 }
    this.#turns.set(workspaceId, turns)
    turns.users++
    try {
      await turns.batcher.call(run)
    } finally {
      turns.users--
      if (turns.users === 0) this.#turns.delete(workspaceId)
    }
    return await result.promise
  }
}

const oneAfterTheOther = () =>
  new Batcher<() => Promise<void>, true>({
    run: async (works) => {
      for (const work of works) await work()
      return works.map(() => true)
    },
    runsAtOnce: 1,
    mostCalls: 1,
  })
