import { createIdentity } from '@fieldsync/identity'
import { type AdminContext, identitySecrets, type LiveLimits, type SharedPlaces } from '@fieldsync/services'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { createApp } from '../http/app.ts'
import { builtApps } from '../http/built-apps/built-app.ts'
import type { RequestHandler } from '../http/http-server.ts'
import { createRateLimiter, type OwnRates } from '../http/rate-limiter.ts'
import { RequestLog } from '../http/request-log.ts'
import { watchRequest } from '../http/watch-requests.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { Tracing } from '../tracing/otlp-tracing.ts'
import { SERVER_VERSION } from '../version.ts'
import { openLive } from './background-work.ts'

type Parts = {
  readonly env: ServerEnv
  readonly ctx: AdminContext
  readonly logger: Logger
  /** The server's address for a person on this machine. */
  readonly address: string
  readonly metrics: ServerMetrics | undefined
  readonly tracing: Tracing | undefined
  /** Where calls are counted, and where the places for live streams are. */
  readonly rates: OwnRates
  readonly places: LiveLimits | SharedPlaces
}

/** Begins what this process does for requests, and returns what answers them. */
export async function serveRequests(parts: Parts): Promise<RequestHandler> {
  const { env, ctx, logger, address, metrics, tracing, rates, places } = parts
  const { runtime, clock } = ctx
  const { publicUrl, trustProxy, limits } = env
  const identity = await createIdentity({
    db: runtime.db,
    secrets: identitySecrets(runtime.peppers),
    address: publicUrl ?? address,
    providers: env.provider ? [env.provider] : [],
    onFailure: (message) => logger.warn({ message }, 'the identity library reports a failure'),
  })
  openLive(places, runtime, logger)
  runtime.recordContacts()
  const app = createApp({
    runtime,
    clock,
    logger,
    rateLimiter: createRateLimiter(rates, runtime.db),
    identity,
    version: SERVER_VERSION,
    limits,
    publicUrl,
    trustProxy,
    apps: builtApps(publicUrl?.startsWith('https:') ?? false),
  })
  const requestLog = new RequestLog(logger)
  const others = [metrics?.requests.finished, tracing?.finished].filter((each) => each !== undefined)
  const observers = [...others, requestLog.finished]
  return (request, response) => {
    tracing?.begin(request)
    watchRequest(request, response, observers)
    app(request, response)
  }
}
