import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import type { CheckpointNews } from '@fieldsync/services'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { ListenError } from '../http/http-server.ts'
import { messageOf } from '../log/error-fields.ts'
import { WorkerMetrics } from '../metrics/process-metrics.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { Condition, MainCalls, RunningPostgres, Serving, WorkerStart } from './calls.ts'
import type { SharedState } from './shared-state.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

/** Workers end right after their start, again and again. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'
}

/** A worker that ends sooner after its start has ended at once. */
const AT_ONCE_MS = 10_000
/** As many times in a row: then the server stops. */
const MOST_AT_ONCE = 5
const FIRST_PAUSE_MS = 100
/** Beside the drain: for what a worker stores and closes at its end. */
const CLOSE_LIMIT_MS = 20_000
/** A worker that does not say in this time whether it can write answers no requests either (RUN-15). */
const CONDITION_LIMIT_MS = 5000

type Options = {
  readonly env: ServerEnv
  readonly begin: Omit<WorkerStart, 'env' | 'number'>
  readonly logger: Logger
  readonly onLine: (line: string) => void
  readonly state: SharedState
  readonly metrics: ServerMetrics | undefined
  /** What the whole server says, whichever worker was asked. */
  readonly server: Pick<MainCalls, 'condition' | 'readiness' | 'metrics' | 'acknowledged'>
}

/** One of the places for workers, and what runs there. */
type Slot = {
  readonly number: number
  running: WorkerProcess | undefined
  isServing: boolean
  readonly listening: PromiseWithResolvers<AddressInfo>
  readonly serving: PromiseWithResolvers<void>
}

/**
 * The workers of a server: they answer its requests, on one port (RUN-54). One that ends unexpectedly is started again, with
 * growing pauses, until it ends at once too often (RUN-59).
 */
export class WorkerProcesses implements AsyncDisposable {
  readonly #options: Options
  readonly #slots: readonly Slot[]
  readonly #stopping = new AbortController()
  readonly #counted = new WorkerMetrics()
  readonly #running = new Map<number, WorkerProcess>()
  readonly #serve = Promise.withResolvers<Serving>()
  readonly #failed = Promise.withResolvers<never>()
  #isServing = false
  #news: () => CheckpointNews = () => ({ newest: [], stores: [], problems: [] })
  #postgres: RunningPostgres | undefined
  #address: AddressInfo | undefined
  #draining: Promise<number> | undefined
  readonly #onExit = (): void => {
    for (const worker of this.#running.values()) worker.kill()
  }

  private constructor(options: Options) {
    this.#options = options
    this.#slots = Array.from({ length: options.env.workers }, (_, index) => ({
      number: index + 1,
      running: undefined,
      isServing: false,
      listening: Promise.withResolvers(),
      serving: Promise.withResolvers(),
    }))
    // Nobody may be waiting when it happens.
    for (const each of [this.#failed, ...this.#slots.map(({ listening }) => listening)])
      each.promise.catch(() => undefined)
  }

  /**
   * Starts the workers. They listen, and answer 503 until {@link serve}.
   * @param signal ends the wait: its reason is thrown
   * @throws ListenError when the address is in use, not local or not permitted; WorkerError
   */
  static async start(options: Options, signal: AbortSignal): Promise<WorkerProcesses> {
    const workers = new WorkerProcesses(options)
    options.metrics?.include(() => workers.#readMetrics())
    process.once('exit', workers.#onExit)
    const onAbort = (): void => {
      workers.#stopping.abort()
      workers.#failed.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort)
    for (const slot of workers.#slots) void workers.#keep(slot)
    try {
      const listening = workers.#slots.map((slot) => slot.listening.promise)
      ;[workers.#address] = await Promise.race([Promise.all(listening), workers.#failed.promise])
    } catch (error) {
      await workers[Symbol.asyncDispose]()
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    return workers
  }

  get address(): AddressInfo {
    if (!this.#address) throw new Error('the workers do not listen yet')
    return this.#address
  }

  /** Rejects when workers end at once too often. @throws WorkerError */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  /**
   * Lets the workers answer requests; resolves when all do.
   * @param news what this process knows of checkpoints, for a worker that begins
   * @throws WorkerError
   */
  async serve(serving: Omit<Serving, 'checkpoints'>, news: () => CheckpointNews): Promise<void> {
    this.#news = news
    this.#serve.resolve({ ...serving, checkpoints: news() })
    await Promise.race([Promise.all(this.#slots.map((slot) => slot.serving.promise)), this.failed])
    this.#isServing = true
  }

  /** Of all workers that serve. */
  async conditions(): Promise<readonly Condition[]> {
    const serving = this.#slots.filter(({ isServing }) => isServing)
    return await Promise.all(serving.map(async ({ running }) => await conditionOf(running)))
  }

  /** A round of checkpoints has found this. */
  checkpoints(news: CheckpointNews): void {
    this.#eachWorker((worker) => worker.channel.call('checkpoints', news))
  }

  /** The embedded PostgreSQL runs, or runs again. */
  postgres(running: RunningPostgres): void {
    this.#postgres = running
    this.#eachWorker((worker) => worker.channel.call('postgres', running))
  }

  /**
   * Lets every worker finish what is under way and end. A second call waits for the first.
   * @returns how many connections were cut
   */
  drain(): Promise<number> {
    return (this.#draining ??= this.#drain())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain()
    process.removeListener('exit', this.#onExit)
  }

  async #drain(): Promise<number> {
    this.#stopping.abort()
    const { env, logger } = this.#options
    const cut = await Promise.all(
      [...this.#running.values()].map(async (worker) => {
        const { channel, ended, pid } = worker
        const late = setTimeout(() => {
          logger.warn({ pid }, 'a worker process did not end in time; killing it')
          worker.kill()
        }, env.drainTimeoutMs + CLOSE_LIMIT_MS)
        const count = await channel.call('drain', null).catch(() => 0)
        await ended
        clearTimeout(late)
        return count
      }),
    )
    return cut.reduce((sum, count) => sum + count, 0)
  }

  /** Keeps a worker running in this place. */
  async #keep(slot: Slot): Promise<void> {
    const { logger, metrics } = this.#options
    for (let atOnce = 0; ;) {
      const started = performance.now()
      const { code, signal, pid } = await this.#run(slot)
      if (this.#stopping.signal.aborted) {
        if (code !== 0) logger.error({ worker: slot.number, pid, code, signal }, 'a worker process failed')
        return
      }
      atOnce = performance.now() - started < AT_ONCE_MS ? atOnce + 1 : 0
      const fields = { worker: slot.number, pid, code, signal }
      if (atOnce >= MOST_AT_ONCE) {
        logger.fatal(fields, 'worker processes end right after their start; the server stops')
        this.#failed.reject(
          new WorkerError(
            `worker process ${slot.number} ended ${atOnce} times right after its start; see the log`,
          ),
        )
        return
      }
      const nextStartMs = atOnce === 0 ? 0 : FIRST_PAUSE_MS * 2 ** (atOnce - 1)
      logger.error(
        { ...fields, nextStartMs },
        'a worker process ended unexpectedly; it is being started again',
      )
      metrics?.workers.restarted()
      await delay(nextStartMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      if (this.#stopping.signal.aborted) return
    }
  }

  /** One worker from its start to its end. */
  async #run(slot: Slot): Promise<{ code: number | null; signal: string | null; pid: number }> {
    const { begin, env, metrics, onLine, server, state } = this.#options
    let release = (): void => undefined
    const worker = startWorkerProcess(onLine, ({ replaced }) => {
      const shared = state.forWorker(replaced)
      release = shared.release
      return {
        ...server,
        ...shared.calls,
        start: () => ({ ...begin, env, number: slot.number }),
        acknowledged: (workspaceId) => {
          server.acknowledged(workspaceId)
          this.#eachWorker((other) => other.channel.call('acknowledged', workspaceId), worker)
        },
      }
    })
    slot.running = worker
    this.#running.set(worker.id, worker)
    void this.#bringUp(slot, worker)
    const end = await worker.ended
    release()
    slot.running = undefined
    slot.isServing = false
    this.#running.delete(worker.id)
    this.#counted.ended(worker.id)
    metrics?.workers.running(this.#serving)
    return { ...end, pid: worker.pid }
  }

  /** The first ones listen while the server starts; one in the place of another listens when it can serve. */
  async #bringUp(slot: Slot, worker: WorkerProcess): Promise<void> {
    const { logger, metrics } = this.#options
    const isFirst = !this.#isServing
    try {
      if (isFirst) await this.#listen(slot, worker)
      const serving = await this.#serve.promise
      if (this.#postgres) await worker.channel.call('postgres', this.#postgres)
      await worker.channel.call('serve', { ...serving, checkpoints: this.#news() })
      if (!isFirst) await this.#listen(slot, worker)
      slot.isServing = true
      slot.serving.resolve()
      metrics?.workers.running(this.#serving)
      logger.info({ worker: slot.number, pid: worker.pid }, 'a worker process answers requests')
    } catch (error) {
      if (this.#stopping.signal.aborted || !this.#running.has(worker.id)) return
      logger.error({ worker: slot.number, reason: messageOf(error) }, 'a worker process could not be started')
      worker.kill()
    }
  }

  async #listen(slot: Slot, { channel }: WorkerProcess): Promise<void> {
    const { host, port } = this.#options.env
    // As all of them are configured: `node:cluster` knows by this that a worker listens where the others do, for 0 too.
    const outcome = await channel.call('listen', { host, port })
    if ('address' in outcome) slot.listening.resolve(outcome.address)
    else {
      const error = new ListenError(outcome.refused)
      slot.listening.reject(error)
      throw error
    }
  }

  get #serving(): number {
    return this.#slots.filter(({ isServing }) => isServing).length
  }

  #eachWorker(call: (worker: WorkerProcess) => Promise<unknown>, besides?: WorkerProcess): void {
    for (const worker of this.#running.values())
      // One that is gone needs nothing.
      if (worker !== besides) call(worker).catch(() => undefined)
  }

  async #readMetrics() {
    const asked = [...this.#running.values()].map(
      ({ id, channel }) => [id, () => channel.call('metrics', null)] as const,
    )
    return await this.#counted.read(new Map(asked))
  }
}

async function conditionOf(worker: WorkerProcess | undefined): Promise<Condition> {
  const message = 'A process of this server does not answer.'
  const silent = delay(CONDITION_LIMIT_MS, undefined, { ref: false }).then((): Condition => ({
    canWrite: false,
    message,
    reason: `worker ${worker?.pid ?? ''} is silent`,
  }))
  const asked = worker?.channel.call('condition', null)
  // One that has just ended answers nothing any more, and others do.
  const gone: Condition = { canWrite: true, isContradicted: false, failedJobs: 0 }
  return await Promise.race([asked?.catch(() => gone) ?? gone, silent])
}
