import { afterAll, expect, it, onTestFinished } from 'vitest'

import { openDatabase } from './database.ts'
import { testDatabase } from './testing/index.ts'
import { inTransaction } from './transaction.ts'

const { appUrl, superuserUrl } = await testDatabase()
const db = openDatabase({ url: appUrl, max: 1 })
const superuser = openDatabase({ url: superuserUrl, max: 1 })
afterAll(async () => {
  await db.close()
  await superuser.close()
})

const backend = async (): Promise<unknown> => (await db.pool.query('SELECT pg_backend_pid() AS pid')).rows[0]

it('[RUN-9] a connection that is lost between two statements fails its transaction alone', async () => {
  const before = await backend()
  // An unhandled error event ends the process, and this test with it.
  const lost = inTransaction(db, async (connection) => {
    const { rows } = await connection.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await superuser.pool.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid])
    await connection.query('SELECT 1')
  })
  await expect(lost).rejects.toThrow(/terminat|closed|connection/iu)
  expect(await backend()).not.toEqual(before)
})

it('what led to a result that is not kept is rolled back, and the result returned', async () => {
  const named = (workspaceId: string, keeps: boolean) =>
    inTransaction(
      db,
      async (connection) => {
        await connection.query(
          `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ($1, '', 'UTC', now())`,
          [workspaceId],
        )
        return workspaceId
      },
      () => keeps,
    )
  expect([await named('ws_refused', false), await named('ws_kept', true)]).toEqual(['ws_refused', 'ws_kept'])
  const { rows } = await db.pool.query(`SELECT workspace_id AS id FROM workspaces`)
  expect(rows).toEqual([{ id: 'ws_kept' }])
})

it('queries that are asked for together wait for one another, and none runs behind the end of the transaction', async () => {
  const warnings: string[] = []
  const onWarning = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const create = `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ($1, '', 'UTC', now())`
  const failed = inTransaction(db, (connection) =>
    Promise.all([
      connection.query('SELECT 1 / 0'),
      connection.query(create, ['ws_behind']).catch(() => undefined),
      connection.query(create, ['ws_last']).catch(() => undefined),
    ]),
  )
  await expect(failed).rejects.toThrow('division by zero')
  const { rows } = await db.pool.query(
    `SELECT FROM workspaces WHERE workspace_id IN ('ws_behind', 'ws_last')`,
  )
  expect(rows).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(warnings).toEqual([])
})

it('[RUN-9] a connection that cannot roll back is closed, and so gives its locks back', async () => {
  const LOCK = 4711
  const refused = inTransaction(db, async (connection) => {
    await connection.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    connection.query = () => Promise.reject(new Error('no further statement'))
    throw new Error('the work failed')
  })
  await expect(refused).rejects.toThrow('the work failed')
  // A released connection would hold the lock for as long as the pool keeps it.
  await superuser.pool.query("SET lock_timeout = '5s'")
  await superuser.pool.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
  expect(db.pool.totalCount).toBe(0)
})
