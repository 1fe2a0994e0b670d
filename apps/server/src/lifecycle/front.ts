import type { AddressInfo } from 'node:net'

import {
  type AdminContext,
  type CheckpointNews,
  conditionOf,
  type NotReady,
  type Witnesses,
} from '@fieldsync/services'

import { clusterDir } from '../database/embedded.ts'
import type { ServerEnv } from '../env/server-env.ts'
import { allowOrigins } from '../http/cors.ts'
import { listen } from '../http/http-server.ts'
import { ownRates } from '../http/rate-limiter.ts'
import type { ServerLog } from '../log/logger.ts'
import type { Condition } from '../processes/calls.ts'
import { SharedState } from '../processes/shared-state.ts'
import { asCondition, worstOf } from '../processes/state-of-server.ts'
import { WorkerProcesses } from '../processes/worker-processes.ts'
import { startTracing } from '../tracing/tracing.ts'
import { openLive } from './background-work.ts'
import type { Monitoring } from './monitoring.ts'
import { closeWithin } from './open-runtime.ts'
import { serveRequests } from './serve-requests.ts'

/** What answers the requests of a server: this process, or its workers. It listens from the beginning, and answers 503. */
export type Front = AsyncDisposable & {
  readonly address: AddressInfo
  /** Requests are answered from now on; resolves when every process does. */
  serve(served: Served): Promise<void>
  /**
   * Refuses new requests and waits for the running ones, as long as a drain may take.
   * @returns how many connections were cut. A second call waits for the first.
   */
  drain(): Promise<number>
  /** Rejects when requests cannot be answered any more. */
  readonly failed: Promise<never>
  /** Only of workers: why they cannot take requests although this process could; and what this process tells them. */
  readonly notReady?: () => Promise<NotReady | undefined>
  readonly checkpoints?: (news: CheckpointNews) => void
  readonly postgres?: (pid: number) => void
}

type Served = {
  readonly ctx: AdminContext
  readonly witnesses: Witnesses
  readonly address: string
  /** Of the application's role. */
  readonly appUrl: string
}

type Parts = {
  readonly env: ServerEnv
  readonly log: ServerLog
  readonly peppers: { readonly pepper: Buffer; readonly previousPepper: Buffer | undefined }
  readonly verifierKey: string
  readonly monitoring: Monitoring
  /** Ends a start. */
  readonly signal: AbortSignal
}

/** This process answers all requests. @throws ListenError */
export async function ownFront({ env, log: { logger }, monitoring }: Parts): Promise<Front> {
  const { answers, metrics } = monitoring
  const tracing = await startTracing(env.tracing, logger)
  const first = [...answers, allowOrigins(env.corsOrigins)]
  const http = await listen(env.host, env.port, {
    answerFirst: (request, response) => first.some((answer) => answer(request, response)),
    onUnserved: metrics?.requests.unserved,
  })
  const drain = (): Promise<number> => http.drain(env.drainTimeoutMs)
  return {
    address: http.address,
    serve: async ({ ctx, address }) => {
      const rates = ownRates(env.rateLimitPerMinute)
      http.serve(
        await serveRequests({ env, ctx, logger, address, metrics, tracing, rates, places: env.live }),
      )
      metrics?.workers.running(1)
    },
    drain,
    // It answers for as long as it runs.
    failed: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => {
      await drain()
      if (tracing) await closeWithin(async () => await tracing[Symbol.asyncDispose]())
    },
  }
}

/** Workers answer the requests, and this process what they must know of each other (RUN-55). @throws ListenError, WorkerError */
export async function frontOfWorkers(parts: Parts): Promise<Front> {
  const { env, log, peppers, verifierKey, monitoring, signal } = parts
  const { logger } = log
  const { metrics, probes } = monitoring
  let served: Served | undefined
  const condition = async (): Promise<Condition> => {
    const message = 'The server is starting, or shutting down'
    if (!served || !probes.isStarted) return { canWrite: false, message, reason: message }
    const [own, others] = await Promise.all([
      asCondition(conditionOf(served.ctx.runtime)),
      workers.conditions(),
    ])
    return worstOf([own, ...others])
  }
  const workers: WorkerProcesses = await WorkerProcesses.start(
    {
      env,
      begin: {
        pepper: peppers.pepper.toString('base64'),
        previousPepper: peppers.previousPepper?.toString('base64'),
        verifierKey,
      },
      logger,
      onLine: log.line,
      state: new SharedState(env, peppers.pepper),
      metrics,
      server: {
        condition,
        readiness: async () => (await probes.notReady()) ?? null,
        metrics: async () => (await metrics?.text()) ?? '',
        acknowledged: (workspaceId) => served?.witnesses.forget(workspaceId),
      },
    },
    signal,
  )
  return {
    address: workers.address,
    serve: async (given) => {
      served = given
      const { ctx, witnesses, address, appUrl } = given
      // For the pokes of what background jobs write.
      openLive(env.live, ctx.runtime, logger)
      await workers.serve({ appUrl, address }, () => witnesses.news)
    },
    drain: () => workers.drain(),
    failed: workers.failed,
    notReady: async () => {
      const found = worstOf(await workers.conditions())
      return found.canWrite ? undefined : { reason: 'database', message: found.reason }
    },
    checkpoints: (news) => workers.checkpoints(news),
    postgres: (pid) => workers.postgres({ pid, dataDir: clusterDir(env.database) }),
    [Symbol.asyncDispose]: () => workers[Symbol.asyncDispose](),
  }
}
