import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import { Logger, runTaskList, type TaskList, type WorkerEvents } from 'graphile-worker'
import type pg from 'pg'

import { type ConnectionLimits, connectionLimits } from '../connection/limits.ts'
import { GuardedPool } from '../connection/pool.ts'
import { Primary } from '../connection/primary.ts'
import { QUEUE_SCHEMA } from './install-queue.ts'
import { continueJob, countJobs, type JobCounts, releaseAbandoned, SHOW_RUNNER } from './queue.ts'

/** A job that is being done. */
export type RunningJob = {
  readonly id: string
  /** The last one, where it equals `maxAttempts`. */
  readonly attempt: number
  readonly maxAttempts: number
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
}

/** Does a part of a job. @returns the payload of what is left of it, undefined when it is done. @throws to be tried again */
export type JobHandler = (payload: unknown, job: RunningJob) => Promise<object | undefined>

export type FailedAttempt = {
  readonly task: string
  readonly jobId: string
  readonly payload: unknown
  readonly attempt: number
  /** There is no further one (JOB-2). */
  readonly isLast: boolean
  readonly error: unknown
}

export type QueueOptions = {
  /** Connection URL of the application's role, or its primary where other connections follow that too. */
  readonly url: string | Primary
  /** By the name of their task. Jobs of other tasks are left to servers that know them. */
  readonly handlers: ReadonlyMap<string, JobHandler>
  /** Jobs at the same time; default 1. */
  readonly concurrency?: number | undefined
  /** Between looks for jobs of which no notification came, milliseconds; default 5,000. */
  readonly pollMs?: number | undefined
  /** Between looks for jobs of servers that are gone, milliseconds; default 15,000. */
  readonly lookEveryMs?: number | undefined
  readonly limits?: Partial<ConnectionLimits> | undefined
  readonly onFailed: (attempt: FailedAttempt) => void
  /** Jobs of servers that are gone were made available. */
  readonly onReleased: (runners: readonly string[]) => void
  /** It is connected. */
  readonly onServing: () => void
}

type Serving = QueueOptions & {
  /** Take no more jobs, and finish those that are being done. */
  readonly stop: AbortSignal
  /** Give back what has not finished. */
  readonly giveUp: AbortSignal
  readonly onCounts: (counts: JobCounts) => void
  /** How many jobs are being done here, more or fewer. */
  readonly onRunning: (change: 1 | -1) => void
}

const POLL_MS = 5000
const LOOK_EVERY_MS = 15_000
/** A runner may take a job just before it can show itself. */
const GRACE_MS = 10_000

/** When the database notices a peer that vanished without closing its connection, seconds. */
const KEEP_ALIVE = { tcp_keepalives_idle: 30, tcp_keepalives_interval: 10, tcp_keepalives_count: 3 }
const SHOW = [
  SHOW_RUNNER,
  ...Object.entries(KEEP_ALIVE).map(([name, value]) => `set_config('${name}', '${value}', false)`),
].join(', ')

/**
 * Does the jobs of the queue on connections of its own, until it is asked to stop or until something is wrong with those:
 * graphile-worker by itself does not recover from every failure (docs/decisions/0036), so the caller restarts it.
 * @returns what was wrong
 */
export async function serveQueue(serving: Serving): Promise<unknown> {
  const { concurrency = 1, lookEveryMs = LOOK_EVERY_MS, onCounts, onReleased, stop, url } = serving
  const life = new AbortController()
  const end = (reason?: unknown): void => life.abort(reason)
  const connections = new GuardedPool({
    primary: url instanceof Primary ? url : new Primary(url),
    max: concurrency + 1,
    applicationName: 'fieldsync-jobs',
    limits: connectionLimits(serving.limits),
    onClosed: (error) => doubt(life, error),
  })
  const look = async (): Promise<void> => {
    const gone = await releaseAbandoned(connections.pool, Math.min(lookEveryMs, GRACE_MS))
    if (gone.length > 0) onReleased(gone)
    onCounts(await countJobs(connections.pool))
  }
  const onStop = (): void => end()
  stop.addEventListener('abort', onStop)
  let timer: NodeJS.Timeout | undefined
  try {
    // It also shows that the database is there: graphile-worker would remember for good that it once was not.
    await look()
    timer = setInterval(() => void look().catch(end), lookEveryMs)
    if (!stop.aborted) await doJobs(serving, connections, life)
  } catch (error) {
    end(error)
  } finally {
    clearInterval(timer)
    stop.removeEventListener('abort', onStop)
    await connections.end()
  }
  return life.signal.reason
}

/** What else is lost at the same time fails first, while graphile-worker still expects it: at its end it would print that. */
const DOUBT_MS = 100

function doubt(life: AbortController, reason: unknown): void {
  setTimeout(() => life.abort(reason), DOUBT_MS).unref()
}

/** @param life aborted at the first sign that the connections cannot be relied on, here too */
async function doJobs(serving: Serving, connections: GuardedPool, life: AbortController): Promise<void> {
  const events: WorkerEvents = new EventEmitter()
  const end = ({ error }: { error: unknown }): void => doubt(life, error)
  const show = async (client: pg.ClientBase, runner: string): Promise<void> => {
    await client.query(SHOW, [runner])
    // Silence is its normal state from here on.
    connections.allowSilence(client, 0)
    serving.onServing()
  }
  events.on('worker:getJob:error', end)
  events.on('pool:listen:error', end)
  events.on('job:error', ({ error, job }) => {
    const { attempts, id, max_attempts: most, payload, task_identifier: task } = job
    serving.onFailed({ task, jobId: id, payload, attempt: attempts, isLast: attempts >= most, error })
  })
  events.on('pool:listen:success', ({ client, workerPool }) => {
    void show(client, workerPool.id).catch((error: unknown) => end({ error }))
  })
  const workers = runTaskList(
    {
      schema: QUEUE_SCHEMA,
      concurrency: serving.concurrency ?? 1,
      pollInterval: serving.pollMs ?? POLL_MS,
      noHandleSignals: true,
      logger: SILENT,
      events,
      // Without these, a connection that is lost when a job is done ends the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    },
    tasksOf(serving, connections),
    releasingOnce(connections.pool),
  )
  const finish = (): void => void Promise.resolve(workers.gracefulShutdown()).catch(() => undefined)
  const giveBack = (): void =>
    void Promise.resolve(workers.forcefulShutdown('the server stopped')).catch(() => undefined)
  life.signal.addEventListener('abort', finish, { once: true })
  serving.giveUp.addEventListener('abort', giveBack, { once: true })
  try {
    if (life.signal.aborted) finish()
    await Promise.race([workers.promise, endAfterFailedCompletion(events, connections.pool)])
    life.abort(new Error('the runner of the queue ended by itself'))
  } finally {
    serving.giveUp.removeEventListener('abort', giveBack)
  }
}

const SHUTDOWN_ENDS = [
  'pool:gracefulShutdown:complete',
  'pool:gracefulShutdown:error',
  'pool:forcefulShutdown:complete',
  'pool:forcefulShutdown:error',
] as const

/** For what is being marked when the workers stop. */
const MARKED_WITHIN_MS = 5000

/**
 * Resolves when all workers have stopped after a job could not be marked as done or failed, and no connection is in use.
 * graphile-worker does not come to an end by itself then: where another one was marked in the meantime, it has lost count of those
 * under way, and waits for ever.
 */
function endAfterFailedCompletion(events: WorkerEvents, pool: pg.Pool): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let hasFailed = false
  let hasStopped = false
  const end = async (): Promise<void> => {
    for (let waited = 0; waited < MARKED_WITHIN_MS; waited += DOUBT_MS) {
      await delay(DOUBT_MS)
      if (pool.waitingCount === 0 && pool.idleCount === pool.totalCount) break
    }
    resolve()
  }
  const check = (): void => void (hasFailed && hasStopped && end())
  events.on('pool:fatalError', () => {
    hasFailed = true
    check()
  })
  for (const each of SHUTDOWN_ENDS) {
    events.on(each, () => {
      hasStopped = true
      check()
    })
  }
  return promise
}

/**
 * The pool for graphile-worker, which may release the connection that it listens on a second time, where it ends while that is
 * being lost: pg throws then, and nobody would handle it.
 */
function releasingOnce(pool: pg.Pool): pg.Pool {
  type Listener = Parameters<pg.Pool['connect']>[0]
  const connect = (listener?: Listener): Promise<pg.PoolClient> | undefined => {
    if (!listener) return pool.connect()
    pool.connect((error, client, release) => {
      let isReleased = false
      listener(error, client, (broken) => {
        // There may be none.
        if (client && !isReleased) release(broken)
        isReleased = true
      })
    })
    return undefined
  }
  return Object.assign(Object.create(pool) as pg.Pool, { connect })
}

function tasksOf({ handlers, onRunning, stop }: Serving, { pool }: GuardedPool): TaskList {
  const tasks: TaskList = {}
  for (const [name, handler] of handlers) {
    tasks[name] = async (payload, { job }) => {
      onRunning(1)
      try {
        const rest = await handler(payload, {
          id: job.id,
          attempt: job.attempts,
          maxAttempts: job.max_attempts,
          signal: stop,
        })
        if (rest !== undefined) await continueJob(pool, { id: job.id, lockedBy: job.locked_by ?? '' }, rest)
      } finally {
        onRunning(-1)
      }
    }
  }
  return tasks
}

const SILENT = new Logger(() => () => undefined)
