import cluster from 'node:cluster'

import { stopPostmaster } from '@fieldsync/db'
import {
  type AdminContext,
  conditionOf,
  type Runtime,
  systemClock,
  type Witnesses,
} from '@fieldsync/services'

import { untilAvailable } from '../database/until-available.ts'
import { allowOrigins } from '../http/cors.ts'
import { type HttpServer, listen, ListenError, type RequestHandler } from '../http/http-server.ts'
import { Probes } from '../http/probes.ts'
import { messageOf, reasonOf } from '../log/error-fields.ts'
import { createLog, type ServerLog } from '../log/logger.ts'
import { serveMetrics } from '../metrics/metrics-endpoint.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { MainCalls, RunningPostgres, Serving, WorkerCalls, WorkerStart } from '../processes/calls.ts'
import { Channel, type Port } from '../processes/channel.ts'
import {
  asCondition,
  conditionFrom,
  type StateOfServer,
  stateOfServer,
} from '../processes/state-of-server.ts'
import { secretsOf } from '../secrets/secrets.ts'
import type { Tracing } from '../tracing/otlp-tracing.ts'
import { startTracing } from '../tracing/tracing.ts'
import { adminRequest } from '../verb-request.ts'
import { SERVER_VERSION } from '../version.ts'
import { exchangeCheckpoints } from './checkpoint-work.ts'
import { warnOfRunning } from './left-over.ts'
import { closeWithin, openRuntime } from './open-runtime.ts'
import { serveRequests } from './serve-requests.ts'

type Parts = {
  readonly channel: Channel<MainCalls, WorkerCalls>
  readonly start: WorkerStart
  readonly log: ServerLog
  /** Of this process, in logs and metrics. */
  readonly name: string
}

/** Makes this process a worker of the one that has started it. */
export async function openWorker(): Promise<void> {
  const calls = Promise.withResolvers<WorkerCalls>()
  const channel = new Channel<MainCalls, WorkerCalls>(process as Port, calls.promise)
  const start = await channel.call('start', null)
  const name = `worker_${start.number}`
  // The main process makes lines for people of it where the log is for them.
  const log = await createLog({ ...start.env, logFormat: 'json' }, secretsOf(start.env), name)
  calls.resolve((await RequestWorker.open({ channel, start, log, name })).calls)
}

/**
 * A process that answers requests and does nothing else (RUN-54): what happens once for a server, and what all of its processes
 * must know, is in the main process, which calls this one from its start to its end.
 */
class RequestWorker {
  readonly #parts: Parts
  readonly #state: StateOfServer
  readonly #probes = new Probes(() => undefined)
  readonly #stack = new AsyncDisposableStack()
  readonly #stopping = new AbortController()
  #metrics: ServerMetrics | undefined
  #tracing: Tracing | undefined
  #http: HttpServer | undefined
  #handler: RequestHandler | undefined
  #runtime: Runtime | undefined
  #witnesses: Witnesses | undefined
  #postgres: RunningPostgres | undefined
  #ending: Promise<number> | undefined
  #exitCode = 0

  private constructor(parts: Parts) {
    this.#parts = parts
    this.#state = stateOfServer(parts.channel, parts.start.env.rateLimitPerMinute)
  }

  static async open(parts: Parts): Promise<RequestWorker> {
    const worker = new RequestWorker(parts)
    const { start, log, name } = parts
    const { metrics, tracing } = start.env
    const { logger } = log
    const onBug = (origin: string) => (err: unknown) => {
      logger.fatal({ err, origin }, 'uncaught error; the process ends')
      worker.#exitCode = 1
      void worker.#end()
    }
    process.on('uncaughtException', onBug('exception'))
    process.on('unhandledRejection', onBug('rejection'))
    // By itself the process would end here at once, and leave the PostgreSQL of its main process running.
    cluster.worker?.on('disconnect', () => void worker.#orphaned())
    if (metrics)
      worker.#metrics = (await import('../metrics/server-metrics.ts')).createMetrics(SERVER_VERSION, name)
    worker.#tracing = await startTracing(tracing, logger)
    return worker
  }

  /** What the main process may call. */
  get calls(): WorkerCalls {
    const { logger } = this.#parts.log
    return {
      listen: ({ host, port }) => this.#listen(host, port),
      serve: async (serving) => {
        try {
          await this.#serve(serving)
        } catch (err) {
          logger.error({ err }, 'a worker process cannot answer requests')
          throw err
        }
      },
      condition: async () => {
        if (!this.#runtime) return { canWrite: false, message: 'The server is starting', reason: 'starting' }
        return await asCondition(conditionOf(this.#runtime))
      },
      metrics: async () => (await this.#metrics?.snapshot()) ?? [],
      replaced: (stream) => this.#state.replaced(stream),
      checkpoints: (news) => this.#witnesses?.learn(news),
      acknowledged: (workspaceId) => this.#witnesses?.forget(workspaceId),
      postgres: (running) => {
        this.#postgres = running
      },
      drain: () => this.#end(),
    }
  }

  async #listen(host: string, port: number): ReturnType<WorkerCalls['listen']> {
    const { env } = this.#parts.start
    const first = [this.#probes.answer, ...this.#metricsHere(), allowOrigins(env.corsOrigins)]
    try {
      const http = await listen(host, port, {
        answerFirst: (request, response) => first.some((answer) => answer(request, response)),
        onUnserved: this.#metrics?.requests.unserved,
      })
      this.#http = http
      if (this.#handler) http.serve(this.#handler)
      return { address: http.address }
    } catch (error) {
      if (error instanceof ListenError) return { refused: error.message }
      throw error
    }
  }

  /** `/metrics` is of all processes: the main process knows the others. */
  #metricsHere() {
    const { channel, start } = this.#parts
    const wanted = start.env.metrics
    if (!this.#metrics || wanted?.listen) return []
    const { contentType } = this.#metrics
    return [serveMetrics({ contentType, text: () => channel.call('metrics', null) }, wanted?.token)]
  }

  async #serve({ appUrl, address, checkpoints }: Serving): Promise<void> {
    const { channel, log, start } = this.#parts
    const { env, verifierKey } = start
    const { logger } = log
    const peppers = {
      pepper: Buffer.from(start.pepper, 'base64'),
      previousPepper:
        start.previousPepper === undefined ? undefined : Buffer.from(start.previousPepper, 'base64'),
    }
    const { proofs, rates, places } = this.#state
    const metrics = this.#metrics
    const runtime = openRuntime(this.#stack, { env, appUrl, peppers, logger, metrics, proofs })
    this.#runtime = runtime
    metrics?.watch(runtime, undefined)
    runtime.processes = { condition: async () => conditionFrom(await channel.call('condition', null)) }
    const ctx: AdminContext = { runtime, clock: systemClock, request: adminRequest('system') }
    this.#witnesses = exchangeCheckpoints(ctx, verifierKey, env, logger, (workspaceId) => {
      channel.call('acknowledged', workspaceId).catch(() => undefined)
    })
    this.#witnesses.learn(checkpoints)
    this.#handler = await untilAvailable(
      () => serveRequests({ env, ctx, logger, address, metrics, tracing: this.#tracing, rates, places }),
      {
        signal: this.#stopping.signal,
        onWaiting: (error) =>
          logger.warn({ reason: reasonOf(error) }, 'the database cannot be used yet; waiting'),
      },
    )
    this.#http?.serve(this.#handler)
    this.#probes.started(async () => (await channel.call('readiness', null)) ?? undefined)
  }

  /** Finishes what is under way, then ends the process. @returns how many connections were cut */
  #end(): Promise<number> {
    return (this.#ending ??= this.#drain())
  }

  async #drain(): Promise<number> {
    const { drainTimeoutMs } = this.#parts.start.env
    this.#stopping.abort()
    this.#probes.draining()
    this.#runtime?.drain()
    const cut = (await this.#http?.drain(drainTimeoutMs)) ?? 0
    void this.#close()
    return cut
  }

  async #close(): Promise<void> {
    const { log } = this.#parts
    await this.#stack
      .disposeAsync()
      .catch((err: unknown) => log.logger.error({ err }, 'could not close everything'))
    const tracing = this.#tracing
    if (tracing) await closeWithin(async () => await tracing[Symbol.asyncDispose]())
    await warnOfRunning(log.logger)
    await log.exit(this.#exitCode)
  }

  /** The main process was killed: nothing of the server is to be left (RUN-58). */
  async #orphaned(): Promise<void> {
    const { log } = this.#parts
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true
    log.logger.fatal('the main process of this server is gone; the process ends')
    const { pid, dataDir } = this.#postgres ?? {}
    if (pid !== undefined && dataDir !== undefined)
      await stopPostmaster(pid, dataDir).catch((error: unknown) =>
        log.logger.error({ reason: messageOf(error) }, 'PostgreSQL does not stop'),
      )
    await log.exit(1)
  }
}
