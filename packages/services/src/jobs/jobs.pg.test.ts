import { PlaybookId, WorkspaceId } from '@fieldsync/contracts'
import { addJobs, commitGroup, commitWrite, type FailedAttempt } from '@fieldsync/db'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'

import { listAudit } from '../audit/list.ts'
import type { ServiceContext } from '../core/context.ts'
import { JOB_TASKS, type JobPayload, jobsOf } from '../core/job-tasks.ts'
import { checkHealth } from '../health/check.ts'
import { databaseFigures } from '../health/database-figures.ts'
import { testServices } from '../testing/test-workspace.ts'
import { baseWrite } from '../write/base-write.ts'
import { listJobs } from './list.ts'
import { retryJobs } from './retry.ts'
import { startJobs, type TaskHandlers } from './start-jobs.ts'

const services = await testServices()
afterEach(() => services.owner.pool.query('DELETE FROM graphile_worker._private_jobs'))

const payloadOf = (workspaceId: string, playbookVersion = 4): JobPayload => ({
  workspaceId: WorkspaceId.parse(workspaceId),
  playbookId: PlaybookId.parse('pbk_yolo_grape'),
  playbookVersion,
})
const stored = async (workspaceId?: string) =>
  await listJobs({ ctx: services.admin, input: { workspaceId, limit: 100 } })
const payloads = async () => (await stored()).map(({ payload }) => payload)
const fails = () =>
  services.owner.pool.query(`UPDATE graphile_worker._private_jobs SET attempts = max_attempts`)

function writeOf(ctx: ServiceContext, playbookVersion: number) {
  const record = {
    action: 'sync.batch',
    at: services.clock.now(),
    changes: [],
    target: null,
    requestSha256: null,
    outcome: { ok: true, code: null },
  }
  const payload = payloadOf(ctx.actor.workspaceId, playbookVersion)
  return { ...baseWrite(ctx, record), jobs: jobsOf([{ task: 'recompute', payload }]) }
}

function started(handlers: TaskHandlers, failed: FailedAttempt[] = []) {
  const jobs = startJobs(services.admin, {
    url: services.urls.appUrl,
    handlers,
    pollMs: 50,
    lookEveryMs: 50,
    onFailed: (attempt) => failed.push(attempt),
    onReleased: () => undefined,
    onServing: () => undefined,
    onTrouble: () => undefined,
  })
  onTestFinished(() => jobs[Symbol.asyncDispose]())
  return jobs
}

describe('a job that follows from a write', () => {
  it('[JOB-1] is added with it, and not with one that is refused, repeated or decided again', async () => {
    const workspace = await services.workspace()
    const devices = await Promise.all([1, 2, 3, 4, 5].map((n) => workspace.device(`dev_scout_${n}`)))
    const [first, ...others] = devices.map((device) => device.ctx())
    if (!first) throw new Error('five devices are needed')
    const key = {
      operation: 'sync.batch',
      idempotencyKey: 'key_one',
      requestSha256: 'f'.repeat(64),
      responseStart: '{}',
      counts: '{}',
    }
    const guards = ['"kind":"playbook","id":"pbk_yolo_grape","revision":99']
    const known = { ...writeOf(first, 4), ...key }
    expect(await commitWrite(services.db.pool, known)).toMatchObject({ outcome: 'done' })
    const parts = [{ guards }, { epoch: 99 }, { jobs: null }, {}]
    const writes = [known, ...others.map((ctx, i) => ({ ...writeOf(ctx, 5 + i), ...parts[i] }))]
    const outcomes = await commitGroup(
      services.db.pool,
      writes.map((write) => ({ write, round: 1 })),
      { wait: true },
    )
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['replay', 'stale', 'credential', 'done', 'done'])
    expect(await payloads()).toEqual([4, 8].map((version) => payloadOf(workspace.workspaceId, version)))
  })

  it('[JOB-1] goes with the transaction that is taken back', async () => {
    const ctx = (await (await services.workspace()).device('dev_scout_1')).ctx()
    const client = await services.db.pool.connect()
    await client.query('BEGIN')
    await commitWrite(client, writeOf(ctx, 4))
    await client.query('ROLLBACK')
    client.release()
    expect(await stored()).toEqual([])
  })
})

describe('the jobs of a server', () => {
  it('[JOB-2, JOB-7] are those of its tasks, part by part, and none is left at its end', async () => {
    const workspace = await services.workspace()
    const ctx = (await workspace.device('dev_scout_1')).ctx()
    const seen: unknown[] = []
    const jobs = started({
      recompute: ({ payload }) => {
        seen.push(payload.before)
        return Promise.resolve(payload.before === 7 ? undefined : { ...payload, before: 7 })
      },
    })
    await services.runtime.queue.commit(writeOf(ctx, 4))
    await addJobs(services.db.pool, [{ identifier: 'of_a_later_build', payload: {} }])
    await expect.poll(() => seen).toEqual([undefined, 7])
    await expect.poll(async () => (await stored()).map(({ task }) => task)).toEqual(['of_a_later_build'])
    expect(services.runtime.leftOver()).toEqual([])
    await jobs[Symbol.asyncDispose]()
    expect(services.runtime.jobs).toBeUndefined()
  })

  it('[JOB-8] a payload of another build fails, and is kept', async () => {
    const failed: FailedAttempt[] = []
    const called: unknown[] = []
    await addJobs(services.db.pool, [
      { identifier: 'recompute', payload: { workspaceId: 'ws_one', more: true } },
    ])
    const jobs = started({ recompute: async ({ payload }) => void called.push(payload) }, failed)
    await expect.poll(() => failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({ task: 'recompute', attempt: 1, isLast: false })
    expect(called).toEqual([])
    await expect.poll(async () => (await stored())[0]?.state).toBe('retrying')
    await fails()
    await expect.poll(() => jobs.counts).toEqual({ waiting: 0, running: 0, failed: 1 })
    const health = { runtime: services.runtime, clock: services.clock, version: '1' }
    expect(await checkHealth(health)).toMatchObject({ status: 'ok', jobs: 'failed' })
    expect((await databaseFigures(services.runtime)).jobs).toMatchObject({ due: 0, waiting: 0, failed: 1 })
    await services.owner.pool.query('DELETE FROM graphile_worker._private_jobs')
    await expect.poll(async () => 'jobs' in (await checkHealth(health))).toBe(false)
  })
})

describe('an operator', () => {
  it('[JOB-9] lists jobs and retries those that have failed, of one workspace, with an audit entry', async () => {
    const [one, other] = [await services.workspace(), await services.workspace()]
    const admin = await one.device('dev_admin_1', 'admin')
    const jobOf = (workspaceId: string) => ({ identifier: 'recompute', payload: payloadOf(workspaceId) })
    await addJobs(services.db.pool, [jobOf(one.workspaceId), jobOf(other.workspaceId)])
    expect(await retryJobs({ ctx: admin.ctx(), input: {} })).toEqual([])
    await fails()
    const [job] = await stored(one.workspaceId)
    expect(await stored(one.workspaceId)).toMatchObject([{ task: 'recompute', state: 'failed' }])
    const ofOther = (await stored(other.workspaceId))[0]?.id ?? ''
    for (const jobId of [ofOther, '0', '9'.repeat(18), '1 OR true', ''])
      await expect(retryJobs({ ctx: admin.ctx(), input: { jobId } })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
    expect(await retryJobs({ ctx: admin.ctx(), input: { jobId: job?.id } })).toEqual([job?.id])
    expect((await stored()).map(({ state }) => state)).toEqual(['waiting', 'failed'])
    const { items } = await listAudit({ ctx: admin.ctx(), input: {} })
    const [entry] = items.toJSON()
    expect(entry).toMatchObject({
      action: 'jobs.retry',
      actor: { deviceId: 'dev_admin_1' },
      target: { type: 'job', id: job?.id },
      change: { kind: 'retry' },
    })
  })

  it('[JOB-9] is an admin: who may not retry changes nothing', async () => {
    const workspace = await services.workspace()
    const agronomist = await workspace.device('dev_agronomist_1', 'agronomist')
    await addJobs(services.db.pool, [{ identifier: 'recompute', payload: payloadOf(workspace.workspaceId) }])
    await fails()
    await expect(retryJobs({ ctx: agronomist.ctx(), input: {} })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect((await stored())[0]?.state).toBe('failed')
  })
})

it('[JOB-1] names ids alone in what it stores', () => {
  expect(() => JOB_TASKS.recompute.parse({ ...payloadOf('ws_one'), note: 'text' })).toThrow(/note/)
})
