import {
  type AdminContext,
  ensureConfiguredDevices,
  NoteSigner,
  Readiness,
  type Runtime,
  systemClock,
} from '@fieldsync/services'
import type { Logger } from 'pino'

import { untilAvailable } from '../database/until-available.ts'
import { firstPersonLink, makeDemo, needsFirstPerson } from '../demo/demo-workspace.ts'
import { fillDemo, type FilledDemo } from '../demo/season/fill-demo.ts'
import { seasonProgress } from '../demo/season/play-season.ts'
import { type ConfiguredDevice, MIN_TOKEN_LENGTH } from '../env/device-tokens.ts'
import type { ServerEnv } from '../env/server-env.ts'
import { reasonOf } from '../log/error-fields.ts'
import type { ServerLog } from '../log/logger.ts'
import { obtainCheckpointKey, obtainPeppers } from '../secrets/secrets.ts'
import { adminRequest } from '../verb-request.ts'
import { SERVER_VERSION } from '../version.ts'
import { keepArchive } from './archive-work.ts'
import {
  checkPreviousPepper,
  indexAuditRegularly,
  pruneRegularly,
  warnOfAdminTokens,
} from './background-work.ts'
import { backUpRegularly } from './backup-work.ts'
import { banner, localAddress } from './banner.ts'
import { checkpointRegularly, exchangeCheckpoints } from './checkpoint-work.ts'
import { frontOfWorkers, ownFront } from './front.ts'
import { doJobs } from './job-work.ts'
import { startMonitoring } from './monitoring.ts'
import { claimDataDir, openReadyDatabase } from './open-database.ts'
import { openRuntime } from './open-runtime.ts'

/**
 * Runs the server until `signal` is aborted, then drains it and releases everything (RUN-1, RUN-8). It listens first,
 * answering 503, so that a port in use is detected before anything else is started. With several workers this process answers no
 * requests: it has the database, the background work, and what the workers share (RUN-54).
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
  const monitoring = stack.use(await startMonitoring(env, logger))
  const { metrics, probes } = monitoring
  const parts = { env, log, peppers, verifierKey: signer.verifierKey, monitoring, signal }
  const front = stack.use(await (env.workers > 1 ? frontOfWorkers(parts) : ownFront(parts)))
  const address = localAddress(front.address)
  logger.info({ address, version: SERVER_VERSION, pid: process.pid }, 'starting')

  const ready = stack.use(await openReadyDatabase(env, logger, signal, front.postgres))
  signal.throwIfAborted()
  const runtime = openRuntime(stack, { env, appUrl: ready.appUrl, peppers, logger, metrics })
  // For a start that fails: what answers requests ends before its database.
  stack.defer(async () => void (await front.drain()))
  metrics?.watch(runtime, env.database.dataDir)
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
  const witnesses = exchangeCheckpoints(ctx, signer.verifierKey, env, logger)
  const onRound: Parameters<typeof checkpointRegularly>[5] = (at, news) => {
    metrics?.marks.checkpointRound(at)
    front.checkpoints?.(news)
  }
  stack.use(checkpointRegularly(ctx, witnesses, signer, env, logger, onRound))
  stack.use(indexAuditRegularly(ctx, logger))
  const marks = metrics?.marks.backups
  stack.use(backUpRegularly({ env: env.database, url: ready.appUrl, clock: systemClock, logger, marks }))
  stack.use(keepArchive({ ctx, env: env.database, logger, marks }))
  await warnOfAdminTokens(ctx, logger)
  const readiness = new Readiness(runtime)
  await front.serve({ ctx, witnesses, address, appUrl: ready.appUrl })
  doJobs(ctx, env, logger)
  probes.started(
    async () => (await readiness.check()) ?? (await front.notReady?.()),
    () => replicaDetail(runtime.db),
  )
  logger.info({ address: env.publicUrl ?? address }, 'ready')
  // What is piped or stored may be read by others, or later: a link is for who looks at this terminal.
  const isWatched = process.stdout.isTTY
  const link = isUnattended && isWatched ? await firstPersonLink(ctx, env.publicUrl ?? address) : undefined
  if (log.pretty || demo || filled || link)
    process.stdout.write(banner(address, { demo, filled, link }, systemClock.now()))

  await Promise.race([aborted(signal), front.failed])
  const stopping = performance.now()
  probes.draining()
  runtime.drain()
  const [cut] = await Promise.all([front.drain(), runtime.jobs?.stop(env.drainTimeoutMs)])
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

/** Only without configuration: the embedded database, and no configured devices. */
function wantsDemo(env: ServerEnv): boolean {
  return env.database.external === undefined && env.deviceTokens.length === 0
}

/** What readiness says of read replicas; nothing where there are none. */
const replicaDetail = ({ replicas }: Runtime['db']): Readonly<Record<string, string>> =>
  replicas ? { replica: replicas.current ? 'used' : 'unused' } : {}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
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
