import { pino } from 'pino'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { errorFields } from './error-fields.ts'
import { prettyLines } from './pretty-lines.ts'
import { createScrubber } from './scrub.ts'

export type ServerLog = {
  readonly logger: Logger
  /** Whether lines are for people rather than for machines. */
  readonly pretty: boolean
  /** Takes secrets out of free text. */
  readonly scrub: (text: string) => string
  /** Writes out what is still buffered; for the last moment before the process ends. */
  flush(): void
}

// A second net: no line is meant to carry these at all.
const REDACTED = [
  'authorization',
  'x-device-token',
  'x-forwarded-authorization',
  'cookie',
  'token',
  'password',
  'pepper',
]

/** The process's log on stdout: JSON lines, or lines for people on a terminal. Buffered, so a request never waits. */
export function createLog(
  env: Pick<ServerEnv, 'logLevel' | 'logFormat'>,
  secrets: readonly string[],
): ServerLog {
  const pretty = env.logFormat === 'pretty' || (env.logFormat === 'auto' && process.stdout.isTTY)
  const scrub = createScrubber(secrets)
  const options = {
    level: env.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: REDACTED.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
      censor: '[hidden]',
    },
    serializers: { err: (error: unknown) => errorFields(error, scrub) },
  }
  if (pretty) {
    return {
      logger: pino(options, prettyLines(process.stdout, process.stdout.isTTY)),
      pretty,
      scrub,
      flush: () => undefined,
    }
  }
  const destination = pino.destination({ dest: 1, sync: false })
  // Whoever read the log has gone (a closed pipe); the server goes on without it.
  destination.on('error', () => undefined)
  return {
    logger: pino(options, destination),
    pretty,
    scrub,
    flush: () => {
      try {
        destination.flushSync()
      } catch {
        // Not open yet, or the pipe is closed: there is nowhere left to write to.
      }
    },
  }
}
