import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import type { AnswerFirst } from '../http/cors.ts'
import { listenForMonitors } from '../http/monitor-server.ts'
import { Probes } from '../http/probes.ts'
import { serveMetrics } from '../metrics/metrics-endpoint.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import { SERVER_VERSION } from '../version.ts'
import { localAddress } from './banner.ts'

/** What logs and metrics call the process that has workers. */
export const MAIN_PROCESS = 'main'

/** What a server tells its monitors. */
export type Monitoring = AsyncDisposable & {
  /** Undefined where the environment asks for none: then nothing is counted. */
  readonly metrics: ServerMetrics | undefined
  readonly probes: Probes
  /** What the server's own port answers of it, before everything else. */
  readonly answers: readonly AnswerFirst[]
}

/**
 * Starts to count and to answer probes (MON-1, MON-6): on a port for monitors alone, or on the server's.
 * @throws ListenError
 */
export async function startMonitoring(
  { metrics: wanted, workers }: Pick<ServerEnv, 'metrics' | 'workers'>,
  logger: Logger,
): Promise<Monitoring> {
  // prom-client is loaded only where metrics are served.
  const metrics =
    wanted &&
    (await import('../metrics/server-metrics.ts')).createMetrics(
      SERVER_VERSION,
      workers > 1 ? MAIN_PROCESS : undefined,
    )
  const probes = new Probes((reason, message) => {
    metrics?.marks.ready(reason === undefined)
    if (reason !== undefined && reason !== 'draining')
      logger.warn({ reason, message }, 'not ready to take requests')
  })
  const both = [probes.answer, ...(metrics ? [serveMetrics(metrics, wanted.token)] : [])]
  const own = wanted?.listen
  const monitors = own && (await listenForMonitors(own.host, own.port, both))
  if (monitors) logger.info({ address: localAddress(monitors.address) }, 'serving metrics')
  return {
    metrics,
    probes,
    // A port of its own is one that clients do not reach.
    answers: monitors ? [probes.answer] : both,
    [Symbol.asyncDispose]: async () => await monitors?.[Symbol.asyncDispose](),
  }
}
