import { type Database, openDatabase } from '@fieldsync/db'
import { createIdentity } from '@fieldsync/identity'
import {
  type AdminContext,
  ensureConfiguredDevices,
  identitySecrets,
  type IdentityPort,
  NoteSigner,
  Readiness,
  Runtime,
  systemClock,
  WeatherCells,
} from '@fieldsync/services'
import type { Logger } from 'pino'

import { untilAvailable } from '../database/until-available.ts'
import { firstPersonLink, makeDemo, needsFirstPerson } from '../demo/demo-workspace.ts'
import { fillDemo, type FilledDemo } from '../demo/season/fill-demo.ts'
import { seasonProgress } from '../demo/season/play-season.ts'
import { type ConfiguredDevice, MIN_TOKEN_LENGTH } from '../env/device-tokens.ts'
import type { ServerEnv } from '../env/server-env.ts'
import type { WeatherEnv } from '../env/weather-env.ts'
import { createApp } from '../http/app.ts'
import { builtApps } from '../http/built-apps/built-app.ts'
import { allowOrigins } from '../http/cors.ts'
import { listen, type RequestHandler } from '../http/http-server.ts'
import { createRateLimiter } from '../http/rate-limiter.ts'
import { RequestLog } from '../http/request-log.ts'
import { watchRequest } from '../http/watch-requests.ts'
import { reasonOf } from '../log/error-fields.ts'
import type { ServerLog } from '../log/logger.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import { obtainCheckpointKey, obtainPeppers } from '../secrets/secrets.ts'
import type { Tracing } from '../tracing/otlp-tracing.ts'
import { startTracing } from '../tracing/tracing.ts'
import { adminRequest } from '../verb-request.ts'
import { SERVER_VERSION } from '../version.ts'
import { weatherServices } from '../weather/weather-services.ts'
import { keepArchive } from './archive-work.ts'
import {
  checkPreviousPepper,
  indexAuditRegularly,
  openLive,
  pruneRegularly,
  warnOfAdminTokens,
} from './background-work.ts'
import { backUpRegularly } from './backup-work.ts'
import { banner, localAddress } from './banner.ts'
import { checkpointRegularly } from './checkpoint-work.ts'
import { doJobs } from './job-work.ts'
import { warnOfLeftOver } from './left-over.ts'
import { startMonitoring } from './monitoring.ts'
import { claimDataDir, logDatabaseEvents, openReadyDatabase } from './open-database.ts'

const CLOSE_LIMIT_MS = 5_000

/**
 * Runs the server until `signal` is aborted, then drains it and releases everything (RUN-1, RUN-8). It listens first,
 * answering 503, so that a port in use is detected before anything else is started.
 * @throws what `startFailure` describes when it cannot start; the signal's reason when asked to stop in the meantime.
 */
export async function runServer(
  env: ServerEnv,
  log: ServerLog,
  signal: AbortSignal,
  wanted: { demo: boolean },
): Promise<void> {
  const { logger } = log
  await using stack = new AsyncDisposableStack()
  stack.use(claimDataDir(env.database))
  const peppers = await obtainPeppers(env.database)
  const signer = new NoteSigner(await obtainCheckpointKey(env.database))
  const { metrics, probes, answers } = stack.use(await startMonitoring(env, logger))
  const tracing = await startTracing(env.tracing, logger)
  if (tracing)
    stack.defer(() => closeWithin(CLOSE_LIMIT_MS, async () => await tracing[Symbol.asyncDispose]()))
  const first = [...answers, allowOrigins(env.corsOrigins)]
  const http = await listen(env.host, env.port, {
    answerFirst: (request, response) => first.some((answer) => answer(request, response)),
    onUnserved: metrics?.requests.unserved,
  })
  // Registered here for a start that fails; a running server has drained before anything is released.
  stack.defer(async () => void (await http.drain(env.drainTimeoutMs)))
  const address = localAddress(http.address)
  logger.info({ address, version: SERVER_VERSION, pid: process.pid }, 'starting')

  const ready = stack.use(await openReadyDatabase(env.database, logger, signal))
  signal.throwIfAborted()
  const { replicas } = env.database
  const db = openDatabase({
    url: ready.appUrl,
    readUrl: replicas?.url,
    limits: { ...(replicas && { maxLagMs: replicas.maxLagMs }) },
    max: env.database.poolMax,
    events: logDatabaseEvents(logger),
  })
  const { commitScope } = env
  const runtime = new Runtime({ db, ...peppers, telemetry: metrics?.telemetry, commitScope })
  metrics?.watch(runtime, env.database.dataDir)
  if (env.weather) runtime.weather = liveWeather(env.weather, runtime, logger)
  stack.defer(() => warnOfLeftOver(logger, runtime))
  // Waits for every connection in use to be given back.
  stack.defer(() => closeWithin(CLOSE_LIMIT_MS, () => db.close()))
  stack.defer(() =>
    closeWithin(CLOSE_LIMIT_MS, () =>
      runtime.close().catch((err: unknown) => logger.warn({ err }, 'the latest device states were lost')),
    ),
  )
  const ctx: AdminContext = { runtime, clock: systemClock, request: adminRequest('system') }
  const whileAway = {
    signal,
    onWaiting: (error: unknown) =>
      logger.warn({ reason: reasonOf(error) }, 'the database cannot be used yet; waiting'),
  }
  await untilAvailable(() => checkPreviousPepper(ctx, logger), whileAway)
  await untilAvailable(() => createConfiguredDevices(ctx, env.deviceTokens, logger), whileAway)
  const filled = wanted.demo ? await fill(ctx, logger, signal) : undefined
  const demo = !filled && wantsDemo(env) ? await untilAvailable(() => makeDemo(ctx), whileAway) : undefined
  const isUnattended =
    (wanted.demo || wantsDemo(env)) && (await untilAvailable(() => needsFirstPerson(ctx), whileAway))
  signal.throwIfAborted()

  stack.use(pruneRegularly(ctx, logger))
  stack.use(checkpointRegularly(ctx, signer, env, logger, metrics?.marks.checkpointRound))
  stack.use(indexAuditRegularly(ctx, logger))
  const backups = {
    env: env.database,
    url: ready.appUrl,
    clock: systemClock,
    logger,
    marks: metrics?.marks.backups,
  }
  stack.use(backUpRegularly(backups))
  stack.use(keepArchive({ ctx, env: env.database, logger, marks: metrics?.marks.backups }))
  await warnOfAdminTokens(ctx, logger)
  openLive(env, runtime, logger)
  runtime.recordContacts()
  doJobs(ctx, env, logger)
  const identity = await createIdentity({
    db,
    secrets: identitySecrets(runtime.peppers),
    address: env.publicUrl ?? address,
    providers: env.provider ? [env.provider] : [],
    onFailure: (message) => logger.warn({ message }, 'the identity library reports a failure'),
  })
  http.serve(requestHandler(env, ctx, logger, identity, { metrics, tracing }))
  const readiness = new Readiness(runtime)
  probes.started(
    () => readiness.check(),
    () => replicaDetail(db),
  )
  logger.info({ address: env.publicUrl ?? address }, 'ready')
  // What is piped or stored may be read by others, or later: a link is for who looks at this terminal.
  const isWatched = process.stdout.isTTY
  const link = isUnattended && isWatched ? await firstPersonLink(ctx, env.publicUrl ?? address) : undefined
  if (log.pretty || demo || filled || link)
    process.stdout.write(banner(address, { demo, filled, link }, systemClock.now()))

  await aborted(signal)
  const stopping = performance.now()
  probes.draining()
  runtime.drain()
  const [cut] = await Promise.all([http.drain(env.drainTimeoutMs), runtime.jobs?.stop(env.drainTimeoutMs)])
  if (cut > 0) logger.warn({ connections: cut }, 'closed connections that did not finish in time')
  logger.info({ ms: Math.round(performance.now() - stopping), cut }, 'drained')
}

async function fill(ctx: AdminContext, logger: Logger, signal: AbortSignal): Promise<FilledDemo> {
  logger.info('filling the demo workspace')
  const progress = seasonProgress(process.stderr)
  try {
    return await fillDemo({ ctx, logger, signal, onProgress: (each) => progress.show(each) })
  } finally {
    progress.end()
  }
}

function liveWeather(env: WeatherEnv, { db }: Runtime, logger: Logger): WeatherCells {
  const named = env.services.map(({ id }) => id)
  logger.info(
    { services: named },
    'the areas of notes leave this server: it asks weather services for live weather',
  )
  return new WeatherCells({ db, port: weatherServices(env, { clock: systemClock, logger }) })
}

/** Only without configuration: the embedded database, and no configured devices. */
function wantsDemo(env: ServerEnv): boolean {
  return env.database.external === undefined && env.deviceTokens.length === 0
}

function requestHandler(
  env: ServerEnv,
  ctx: AdminContext,
  logger: Logger,
  identity: IdentityPort,
  { metrics, tracing }: { metrics: ServerMetrics | undefined; tracing: Tracing | undefined },
): RequestHandler {
  const { runtime, clock } = ctx
  const app = createApp({
    runtime,
    clock,
    logger,
    rateLimiter: createRateLimiter(env.rateLimitPerMinute, runtime.db),
    identity,
    version: SERVER_VERSION,
    limits: env.limits,
    publicUrl: env.publicUrl,
    trustProxy: env.trustProxy,
    apps: builtApps(env.publicUrl?.startsWith('https:') ?? false),
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

/** What readiness says of read replicas; nothing where there are none. */
const replicaDetail = ({ replicas }: Database): Readonly<Record<string, string>> =>
  replicas ? { replica: replicas.current ? 'used' : 'unused' } : {}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Waits for something to close, with a time limit: after that it is left to the end of the process. */
async function closeWithin(limitMs: number, close: () => Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>()
  const timer = setTimeout(limit.resolve, limitMs)
  await Promise.race([close().catch(() => undefined), limit.promise])
  clearTimeout(timer)
}

/** Creates the missing devices of `DEVICE_TOKENS`, and logs the outcome for each (RUN-4). */
export async function createConfiguredDevices(
  ctx: AdminContext,
  devices: readonly ConfiguredDevice[],
  logger: Logger,
): Promise<void> {
  for (const { workspaceId, deviceId, token } of devices) {
    if (token.length >= MIN_TOKEN_LENGTH) continue
    logger.warn(
      { workspaceId, deviceId },
      `DEVICE_TOKENS: a token below ${MIN_TOKEN_LENGTH} characters can be guessed`,
    )
  }
  const results = await ensureConfiguredDevices({ ctx, input: devices })
  for (const { device, outcome, role } of results) {
    const fields = { workspaceId: device.workspaceId, deviceId: device.deviceId, role }
    if (outcome === 'created') logger.info(fields, 'DEVICE_TOKENS: created a device')
    if (outcome === 'token_added') {
      logger.warn(fields, 'DEVICE_TOKENS: added a token to a device; its earlier tokens stay valid')
    }
    if (outcome === 'token_ended') {
      logger.warn(fields, 'DEVICE_TOKENS: names a token that has ended; it stays ended')
    }
    if (outcome === 'tokens_refused') {
      logger.warn(fields, 'DEVICE_TOKENS: names a device of a workspace that accepts no device tokens')
    }
    if (outcome === 'revoked') logger.warn(fields, 'DEVICE_TOKENS: names a revoked device; it stays revoked')
    if (role !== device.role)
      logger.warn(
        fields,
        'DEVICE_TOKENS: names a different role than the device has; the device keeps its role',
      )
  }
}
