import { setTimeout as delay } from 'node:timers/promises'

import pg from 'pg'
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest'

import { connectionUrl } from '../embedded/connection-url.ts'
import { testDatabase } from '../testing/index.ts'
import { JobRunner, type JobRunnerOptions } from './job-runner.ts'
import { addJobs, continueJob, countJobs, readJobs, rescheduleJobs } from './queue.ts'
import type { FailedAttempt } from './serve-queue.ts'

const { appUrl, name, superuserUrl } = await testDatabase()
const application = new pg.Pool({ connectionString: appUrl, max: 2 })
const superuser = new pg.Pool({ connectionString: superuserUrl, max: 1 })
for (const each of [application, superuser]) each.on('error', () => undefined)
afterAll(() => Promise.all([application.end(), superuser.end()]))
afterEach(() => superuser.query('DELETE FROM graphile_worker._private_jobs'))

const TASK = 'note'
const add = (...payloads: object[]) =>
  addJobs(
    application,
    payloads.map((payload) => ({ identifier: TASK, payload, max_attempts: 2 })),
  )
const left = async () => (await readJobs(application, { workspaceId: null, limit: 100 })).length
const killRunners = () =>
  superuser.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'fieldsync-jobs'`,
  )

type Handle = (payload: Record<string, unknown>, job: { id: string }) => Promise<object | undefined>

function runner(handle: Handle, options: Partial<JobRunnerOptions> = {}): JobRunner {
  const serving = new JobRunner({
    url: appUrl,
    handlers: new Map([[TASK, (payload, job) => handle(payload as Record<string, unknown>, job)]]),
    pollMs: 50,
    onFailed: () => undefined,
    onReleased: () => undefined,
    onServing: () => undefined,
    onTrouble: () => undefined,
    ...options,
  })
  onTestFinished(() => serving.stop(0))
  return serving
}

/** A job that is under way until it is released. */
function held() {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const handle: Handle = async () => {
    started.resolve()
    await release.promise
    return undefined
  }
  onTestFinished(() => release.resolve())
  return { started: started.promise, handle, release: () => release.resolve() }
}

describe('the jobs of a queue', () => {
  it('[JOB-2] are done once each, in the order in which they were added', async () => {
    const done: object[] = []
    await add({ n: 1 }, { n: 2 })
    runner(async (payload) => void done.push(payload))
    await add({ n: 3 })
    await expect.poll(left).toBe(0)
    expect(done).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('[JOB-2] are shared by several servers, and none is done by two', async () => {
    const done: unknown[] = []
    const one = runner(async ({ n }) => void done.push(n), { concurrency: 2 })
    const other = runner(async ({ n }) => void done.push(n))
    await add(...Array.from({ length: 60 }, (_, n) => ({ n })))
    await expect.poll(left).toBe(0)
    expect(done.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 60 }, (_, n) => n))
    await Promise.all([one.stop(1000), other.stop(1000)])
  })

  it('[JOB-7] go on where they left off, after what others have added', async () => {
    const done: unknown[] = []
    await add({ of: 'one', from: 0 }, { of: 'other', from: 2 })
    runner(async ({ of, from }) => {
      done.push(`${String(of)} ${Number(from)}`)
      return Number(from) < 2 ? { of, from: Number(from) + 1 } : undefined
    })
    await expect.poll(left).toBe(0)
    expect(done).toEqual(['one 0', 'other 2', 'one 1', 'one 2'])
  })

  it('[JOB-7] are not doubled by a server that was taken for gone', async () => {
    const job = held()
    await add({ from: 0 })
    runner(job.handle)
    await job.started
    const [stored] = await readJobs(application, { workspaceId: null, limit: 1 })
    await continueJob(application, { id: stored?.id ?? '', lockedBy: 'another runner' }, { from: 1 })
    expect(
      (await readJobs(application, { workspaceId: null, limit: 9 })).map(({ payload }) => payload),
    ).toEqual([{ from: 0 }])
  })
})

describe('a job that fails', () => {
  it('[JOB-8] is tried again later, stays as failed after the last attempt, and is tried again at request', async () => {
    const failed: FailedAttempt[] = []
    let works = false
    const again = () => superuser.query(`UPDATE graphile_worker._private_jobs SET run_at = now()`)
    await add({ workspaceId: 'ws_one' })
    const serving = runner(
      async () => {
        if (!works) throw new Error('it is broken')
        return undefined
      },
      { onFailed: (attempt) => failed.push(attempt), lookEveryMs: 50 },
    )
    await expect.poll(() => failed.length).toBe(1)
    const waiting = async () => (await readJobs(application, { workspaceId: 'ws_one', limit: 9 }))[0]
    await expect.poll(async () => (await waiting())?.state).toBe('retrying')
    const job = await waiting()
    expect(job).toMatchObject({ attempts: 1, maxAttempts: 2, lastError: 'it is broken', task: TASK })
    expect(job?.dueAt.getTime()).toBeGreaterThan((job?.addedAt.getTime() ?? 0) + 1000)
    await again()
    await expect.poll(async () => (await waiting())?.state).toBe('failed')
    expect(failed.map(({ attempt, isLast }) => ({ attempt, isLast }))).toEqual([
      { attempt: 1, isLast: false },
      { attempt: 2, isLast: true },
    ])
    await again()
    await expect.poll(() => serving.counts).toEqual({ waiting: 0, running: 0, failed: 1 })
    expect(await rescheduleJobs(application, 'ws_other', null)).toEqual([])
    works = true
    expect(await rescheduleJobs(application, 'ws_one', null)).toEqual([job?.id])
    await expect.poll(left).toBe(0)
  })
})

describe('a runner that stops', () => {
  it('[JOB-4] finishes what it does, and takes nothing more', async () => {
    const job = held()
    const serving = runner(job.handle)
    await add({ n: 1 }, { n: 2 })
    await job.started
    const stopped = serving.stop(60_000)
    expect(serving.running).toBe(1)
    job.release()
    await stopped
    expect(serving.running).toBe(0)
    expect(
      (await readJobs(application, { workspaceId: null, limit: 9 })).map(({ payload }) => payload),
    ).toEqual([{ n: 2 }])
  })

  it('[JOB-4] gives back what does not finish in time', async () => {
    const job = held()
    const serving = runner(job.handle)
    await add({ n: 1 })
    await job.started
    await serving.stop(10)
    expect(await countJobs(application)).toEqual({ waiting: 1, running: 0, failed: 0 })
  })

  it('[JOB-4] ends also while the database cannot be reached, and leaves no connection', async () => {
    const serving = runner(async () => undefined, { url: 'postgresql://app:secret@127.0.0.1:1/nowhere' })
    await serving.stop(1000)
    const connections = async () =>
      (
        await superuser.query(
          `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'fieldsync-jobs'`,
          [name],
        )
      ).rows
    await expect.poll(connections).toEqual([])
  })
})

describe('a server that is gone', () => {
  const lockedBy = (by: string) =>
    superuser.query(
      `UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now() - interval '1 minute', attempts = 1`,
      [by],
    )

  it('[JOB-3] has its jobs done by another one, within seconds', async () => {
    const released: string[] = []
    await add({ n: 1 })
    await lockedBy('pool-gone')
    runner(async () => undefined, { lookEveryMs: 50, onReleased: (gone) => released.push(...gone) })
    await expect.poll(left).toBe(0)
    expect(released).toEqual(['pool-gone'])
  })

  it('[JOB-3] is one whose connection is gone, however long a job takes', async () => {
    const job = held()
    runner(job.handle)
    await add({ n: 1 })
    await job.started
    await superuser.query(`UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '3 hours'`)
    const released: string[] = []
    const other = runner(async () => undefined, {
      lookEveryMs: 20,
      onReleased: (gone) => released.push(...gone),
    })
    // It has looked: it counts what runs.
    await expect.poll(() => other.counts.running).toBe(1)
    expect(released).toEqual([])
    expect(await countJobs(application)).toEqual({ waiting: 0, running: 1, failed: 0 })
  })
})

describe('when the database fails', () => {
  it('[JOB-6] a killed connection costs a moment, and its job is done', async () => {
    const reasons: unknown[] = []
    const job = held()
    const serving = runner(job.handle, { onTrouble: (reason) => reasons.push(reason), lookEveryMs: 50 })
    await add({ n: 1 })
    await job.started
    await killRunners()
    job.release()
    await expect.poll(left, { timeout: 30_000 }).toBe(0)
    await expect.poll(() => reasons[0]).toBeInstanceOf(Error)
    // That of a job that has just ended, too.
    await add({ n: 2 })
    await expect.poll(left).toBe(0)
    await serving.stop(1000)
  })

  it('[JOB-6] whenever its connections are killed, no job is lost and the process lives on', async () => {
    // An error that nobody handles fails the run.
    const done = new Set<unknown>()
    const serving = runner(async ({ n }) => void done.add(n), {
      firstPauseMs: 1,
      lookEveryMs: 20,
      concurrency: 2,
    })
    const kills = 30
    for (let n = 0; n < kills; n++) {
      await add({ n })
      await superuser.query('UPDATE graphile_worker._private_jobs SET attempts = 0')
      // At another moment of starting, listening and looking each time.
      await delay((n * 7) % 30)
      await killRunners()
    }
    await superuser.query('UPDATE graphile_worker._private_jobs SET attempts = 0, run_at = now()')
    await expect.poll(left, { timeout: 30_000 }).toBe(0)
    expect(done.size).toBe(kills)
    await serving.stop(1000)
  })

  it('[JOB-6] it goes on after a job that could not be marked as done, whatever else was', async () => {
    // What a sequence has given out stays so where the transaction fails.
    await superuser.query(`
      CREATE SEQUENCE failures;
      CREATE FUNCTION fail_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'failure %', nextval('failures'); END $$;
      GRANT USAGE ON SEQUENCE failures TO PUBLIC;
      CREATE TRIGGER failing BEFORE DELETE ON graphile_worker._private_jobs FOR EACH ROW
        WHEN (OLD.payload->>'n' = '1') EXECUTE FUNCTION fail_for_test()`)
    const removeTrigger = () => superuser.query('DROP FUNCTION IF EXISTS fail_for_test CASCADE')
    const failures = async () =>
      (await superuser.query<{ any: boolean }>('SELECT is_called AS any FROM failures')).rows[0]?.any
    onTestFinished(async () => void (await removeTrigger()))
    const waiting = new Map([1, 2, 3, 4].map((n) => [n, Promise.withResolvers<void>()]))
    const handle: Handle = async ({ n }) => {
      await waiting.get(Number(n))?.promise
      return undefined
    }
    const troubles: unknown[] = []
    const serving = runner(handle, {
      concurrency: 4,
      lookEveryMs: 20,
      onTrouble: (reason) => troubles.push(reason),
    })
    await add(...[1, 2, 3, 4].map((n) => ({ n })))
    await expect.poll(() => serving.running, { timeout: 30_000 }).toBe(4)
    waiting.get(1)?.resolve()
    await expect.poll(failures, { timeout: 30_000 }).toBe(true)
    // Two are marked by themselves after that, while another one is being done.
    waiting.get(2)?.resolve()
    await expect.poll(left, { timeout: 30_000 }).toBe(3)
    waiting.get(3)?.resolve()
    await expect.poll(left, { timeout: 30_000 }).toBe(2)
    waiting.get(4)?.resolve()
    await expect.poll(() => troubles.length, { timeout: 30_000 }).toBeGreaterThan(0)
    await removeTrigger()
    await superuser.query('UPDATE graphile_worker._private_jobs SET attempts = 0, run_at = now()')
    await expect.poll(left, { timeout: 30_000 }).toBe(0)
    await serving.stop(1000)
  })

  it('[JOB-6] it goes on once the database takes connections again, and writes', async () => {
    // A database cannot close itself.
    const outside = new pg.Client(connectionUrl(superuserUrl, { database: 'postgres' }))
    await outside.connect()
    onTestFinished(() => outside.end())
    const alter = (what: string) => outside.query(`ALTER DATABASE ${name} ${what}`)
    const troubles: unknown[] = []
    await alter('ALLOW_CONNECTIONS false')
    runner(async () => undefined, { onTrouble: (reason) => troubles.push(reason) })
    await expect.poll(() => troubles.length).toBeGreaterThan(1)
    await alter('SET default_transaction_read_only = on')
    await alter('ALLOW_CONNECTIONS true')
    await expect.poll(() => troubles.at(-1)).toMatchObject({ reason: 'read_only' })
    await alter('RESET default_transaction_read_only')
    await add({ n: 1 })
    await expect.poll(left, { timeout: 30_000 }).toBe(0)
  })
})
