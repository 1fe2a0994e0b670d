import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { prepareSchema } from '../prepare-schema.ts'
import { APP_ROLE } from '../roles.ts'
import { testDatabase } from '../testing/index.ts'
import { installQueue } from './install-queue.ts'
import { addJobs, readJobs } from './queue.ts'

const { appUrl, ownerUrl } = await testDatabase()
const empty = await testDatabase({ empty: true })
const application = new pg.Client(appUrl)
const superuserOfEmpty = new pg.Client(empty.superuserUrl)
beforeAll(() => Promise.all([application.connect(), superuserOfEmpty.connect()]))
afterAll(() => Promise.all([application.end(), superuserOfEmpty.end()]))

const refused = (statement: string) =>
  expect(application.query(statement), statement).rejects.toMatchObject({ code: '42501' })

describe('the queue', () => {
  it("[JOB-5] gives the application's role what adding and doing jobs takes, and nothing else", async () => {
    await addJobs(application, [{ identifier: 'note', payload: {} }])
    expect(await readJobs(application, { workspaceId: null, limit: 9 })).toMatchObject([{ task: 'note' }])
    await application.query('DELETE FROM graphile_worker._private_jobs')
    for (const statement of [
      'CREATE TABLE graphile_worker.own (id int)',
      'ALTER TABLE graphile_worker._private_jobs DISABLE ROW LEVEL SECURITY',
      'DROP FUNCTION graphile_worker.force_unlock_workers',
      'TRUNCATE graphile_worker._private_jobs',
      'DELETE FROM graphile_worker._private_job_queues',
      'UPDATE graphile_worker._private_tasks SET identifier = $$other$$',
      'SELECT FROM graphile_worker._private_known_crontabs',
      'INSERT INTO graphile_worker.migrations VALUES (99)',
    ])
      await refused(statement)
  })

  it('[JOB-5] is installed by several servers at once, and again without effect', async () => {
    await superuserOfEmpty.query('SELECT 1')
    const first = await Promise.all(
      Array.from({ length: 3 }, () => prepareSchema({ ownerUrl: empty.ownerUrl, appRole: APP_ROLE })),
    )
    expect(first.filter((applied) => applied.length > 0)).toHaveLength(1)
    await prepareSchema({ ownerUrl, appRole: APP_ROLE })
    const { rows } = await superuserOfEmpty.query(
      `SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'graphile_worker' ORDER BY 1`,
    )
    expect(rows).toEqual(
      ['_private_job_queues', '_private_jobs', '_private_tasks'].map((tablename) => ({
        tablename,
        policyname: APP_ROLE,
      })),
    )
  })

  it('[JOB-5] where the owner may not create its schema, the error names the grant that is missing', async () => {
    // The application's role stands in for one.
    await superuserOfEmpty.query('DROP SCHEMA graphile_worker CASCADE')
    await expect(installQueue(empty.appUrl)).rejects.toThrow(/GRANT CREATE ON DATABASE/)
  })
})
