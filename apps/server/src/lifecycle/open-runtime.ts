import { openDatabase } from '@fieldsync/db'
import { type ProofMemory, Runtime, systemClock, WeatherCells } from '@fieldsync/services'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import type { WeatherEnv } from '../env/weather-env.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import { weatherServices } from '../weather/weather-services.ts'
import { warnOfLeftOver } from './left-over.ts'
import { logDatabaseEvents } from './open-database.ts'

const CLOSE_LIMIT_MS = 5_000

type Parts = {
  readonly env: ServerEnv
  /** Of the application's role. */
  readonly appUrl: string
  readonly peppers: { readonly pepper: Buffer; readonly previousPepper: Buffer | undefined }
  readonly logger: Logger
  readonly metrics: ServerMetrics | undefined
  /** Where used proofs are in memory; by default in this process. */
  readonly proofs?: ProofMemory
}

/** What the calls of one process share, on a migrated database. The stack closes it, after the last call. */
export function openRuntime(stack: AsyncDisposableStack, parts: Parts): Runtime {
  const { env, appUrl, peppers, logger, metrics, proofs } = parts
  const { replicas, poolMax } = env.database
  const db = openDatabase({
    url: appUrl,
    readUrl: replicas?.url,
    limits: { ...(replicas && { maxLagMs: replicas.maxLagMs }) },
    max: poolMax,
    events: logDatabaseEvents(logger),
  })
  const { commitScope } = env
  const runtime = new Runtime({ db, ...peppers, telemetry: metrics?.telemetry, commitScope, proofs })
  if (env.weather) runtime.weather = liveWeather(env.weather, runtime, logger)
  stack.defer(() => warnOfLeftOver(logger, runtime))
  // Waits for every connection in use to be given back.
  stack.defer(() => closeWithin(() => db.close()))
  stack.defer(() =>
    closeWithin(() =>
      runtime.close().catch((err: unknown) => logger.warn({ err }, 'the latest device states were lost')),
    ),
  )
  return runtime
}

function liveWeather(env: WeatherEnv, { db }: Runtime, logger: Logger): WeatherCells {
  const named = env.services.map(({ id }) => id)
  logger.info(
    { services: named },
    'the areas of notes leave this server: it asks weather services for live weather',
  )
  return new WeatherCells({ db, port: weatherServices(env, { clock: systemClock, logger }) })
}

/** Waits for something to close, with a time limit: after that it is left to the end of the process. */
export async function closeWithin(close: () => Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>()
  const timer = setTimeout(limit.resolve, CLOSE_LIMIT_MS)
  await Promise.race([close().catch(() => undefined), limit.promise])
  clearTimeout(timer)
}
