import { oneAtATime, type Queryable } from './connection/queryable.ts'
import type { Database } from './database.ts'

export type { Queryable } from './connection/queryable.ts'

/**
 * Runs `work`, which writes, on one connection in one transaction; any error rolls everything back.
 * @param keeps whether to commit what led to this result, by default any; otherwise it is rolled back, and returned all
 *   the same
 * @throws DatabaseOutOfOrderError at once while the database does not confirm writes; what `work` throws
 */
export const inTransaction = <T>(
  db: Database,
  work: (connection: Queryable) => Promise<T>,
  keeps: (result: T) => boolean = () => true,
): Promise<T> => db.monitor.write(() => transaction(db, work, keeps))

async function transaction<T>(
  db: Database,
  work: (connection: Queryable) => Promise<T>,
  keeps: (result: T) => boolean,
): Promise<T> {
  const client = await db.pool.connect()
  const connection = oneAtATime(client)
  let broken = false
  // The pool listens only while a connection is idle: one that is lost between two statements would end the process.
  const noteLoss = (): void => {
    broken = true
  }
  client.on('error', noteLoss)
  try {
    await connection.query('BEGIN')
    const result = await work(connection)
    await connection.query(keeps(result) ? 'COMMIT' : 'ROLLBACK')
    return result
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.off('error', noteLoss)
    client.release(broken)
  }
}

/** Blocks every other write of the workspace until the transaction ends. */
export async function lockWorkspace(connection: Queryable, workspaceId: string): Promise<void> {
  await connection.query('SELECT FROM workspace_heads WHERE workspace_id = $1 FOR UPDATE', [workspaceId])
}
