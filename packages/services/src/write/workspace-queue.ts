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

// Small writes share a flush to disk; a large one is worth its own, and should not keep small ones waiting.
const MOST_CHARACTERS_TOGETHER = 512 * 1024

type WorkspaceQueue = {
  readonly together: Batcher<WorkspaceWrite, WriteOutcome>
  readonly alone: Batcher<() => Promise<void>, true>
  users: number
}

const queues = new WeakMap<Database, Map<string, WorkspaceQueue>>()

/**
 * Commits a decided write. Writes of one workspace take turns at its head row anyway: those that come while one is
 * under way are carried out together, in one transaction and with one flush to disk, each as a whole or not at all. So
 * a busy workspace holds one connection, and the others find theirs.
 */
export const commitTogether = (
  db: Database,
  workspaceId: string,
  write: WorkspaceWrite,
): Promise<WriteOutcome> => inWorkspaceQueue(db, workspaceId, ({ together }) => together.call(write))

/** Runs `work` with the workspace locked, one at a time in this process. */
export const withWorkspaceLocked = async <T>(
  db: Database,
  workspaceId: string,
  work: (connection: Queryable) => Promise<T>,
): Promise<T> => {
  const result = Promise.withResolvers<T>()
  await inWorkspaceQueue(db, workspaceId, ({ alone }) =>
    alone.call(() =>
      inTransaction(db, async (connection) => {
        await lockWorkspace(connection, workspaceId)
        return await work(connection)
      }).then(result.resolve),
    ),
  )
  return await result.promise
}

async function inWorkspaceQueue<T>(
  db: Database,
  workspaceId: string,
  pass: (queue: WorkspaceQueue) => Promise<T>,
): Promise<T> {
  const ofDatabase = queues.get(db) ?? new Map<string, WorkspaceQueue>()
  queues.set(db, ofDatabase)
  const queue = ofDatabase.get(workspaceId) ?? createQueue(db)
  ofDatabase.set(workspaceId, queue)
  queue.users++
  try {
    return await pass(queue)
  } finally {
    queue.users--
    if (queue.users === 0) ofDatabase.delete(workspaceId)
  }
}

const createQueue = (db: Database): WorkspaceQueue => ({
  together: new Batcher({
    run: (writes) => db.monitor.write(() => commitWrites(db.pool, writes)),
    runsAtOnce: 1,
    mostCalls: MOST_WRITES_AT_ONCE,
    weigh: charactersOf,
    mostWeight: MOST_CHARACTERS_TOGETHER,
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
