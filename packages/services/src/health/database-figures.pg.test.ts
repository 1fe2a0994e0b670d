import { addJobs } from '@fieldsync/db'
import { expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { databaseFigures, requiredStandbys } from './database-figures.ts'

const services = await testServices()
const { runtime } = services.admin
const asOwner = (sql: string) => services.owner.pool.query(sql)

it('[MON-5] says how large the database is, and when an audit was last written', async () => {
  await services.workspace()
  const { bytes, workspaces, newestAuditEntry, jobs } = await databaseFigures(runtime)
  expect(bytes).toBeGreaterThan(1_000_000)
  expect(workspaces).toBe(1)
  expect(newestAuditEntry).toBeInstanceOf(Date)
  expect(jobs).toEqual({ due: 0, waiting: 0, running: 0, failed: 0, oldestDueSeconds: 0 })
})

it('[MON-5] counts each job once, in the state that it is in', async () => {
  const spec = { identifier: 'recompute', payload: {} }
  await addJobs(
    runtime.db.pool,
    Array.from({ length: 6 }, () => spec),
  )
  const nth = (n: number) =>
    `id = (SELECT id FROM graphile_worker._private_jobs ORDER BY id OFFSET ${n} LIMIT 1)`
  const change = (n: number, set: string) =>
    asOwner(`UPDATE graphile_worker._private_jobs SET ${set} WHERE ${nth(n)}`)
  await change(0, `run_at = now() - interval '90 seconds'`)
  await change(1, `run_at = now() + interval '1 hour'`)
  await change(2, `locked_at = now(), locked_by = 'somebody'`)
  await change(3, `attempts = max_attempts, run_at = now() - interval '1 day'`)
  const { jobs } = await databaseFigures(runtime)
  expect(jobs).toMatchObject({ due: 3, waiting: 1, running: 1, failed: 1 })
  expect(jobs?.oldestDueSeconds).toBeGreaterThanOrEqual(90)
  expect(jobs?.oldestDueSeconds).toBeLessThan(3600)
  await asOwner('DELETE FROM graphile_worker._private_jobs')
})

it('[MON-5] has no figures of a queue that its role may not read', async () => {
  await asOwner('REVOKE SELECT ON graphile_worker._private_jobs FROM fieldsync_app')
  expect((await databaseFigures(runtime)).jobs).toBeUndefined()
  await asOwner('GRANT SELECT ON graphile_worker._private_jobs TO fieldsync_app')
})

it.each([
  ['', 0],
  [' ', 0],
  ['*', 1],
  ['one', 1],
  ['"1 (a)", two', 1],
  ['FIRST 2 (one, two, three)', 2],
  ['any 1 (one, two)', 1],
  ['3(one, two, three)', 3],
])('[HA-5] a commit that waits for %j waits for %i standbys', (names, count) => {
  expect(requiredStandbys(names)).toBe(count)
})

it('[HA-5] counts no standbys where its role may not see them', async () => {
  expect((await databaseFigures(runtime)).standbys).toEqual({ required: 0, present: undefined })
})
