import type { Logger } from 'pino'

import type { TracingEnv } from '../env/tracing-env.ts'
import { SERVER_VERSION } from '../version.ts'
import type { Tracing } from './otlp-tracing.ts'

/**
 * Traces requests where the environment asks for it (MON-9): the SDK is loaded only then. A collector that is away is a warning
 * in the log, once until it is back; its spans are lost, and no request waits for it.
 */
export async function startTracing(
  env: TracingEnv | undefined,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (!env) return undefined
  const { otlpTracing } = await import('./otlp-tracing.ts')
  let failing = false
  return otlpTracing(env, SERVER_VERSION, (failure) => {
    if (failure && !failing) logger.warn({ reason: failure.message }, 'traces cannot be exported')
    if (!failure && failing) logger.info('traces are exported again')
    failing = failure !== undefined
  })
}
