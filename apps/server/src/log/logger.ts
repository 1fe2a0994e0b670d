import { pino } from 'pino'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { errorFields } from './error-fields.ts'
import { ignoreBrokenPipe } from './ignore-broken-pipe.ts'
import { prettyLines } from './pretty-lines.ts'
import { createScrubber } from './scrub.ts'

export type ServerLog = {
  readonly logger: Logger
  /** Whether lines are for people rather than for machines. */
  readonly pretty: boolean
  /** Redacts secrets in free text. */
  readonly scrub: (text: string) => string
  /** Ends the process once what is still buffered is written, or cannot be. */
  exit(exitCode: number): Promise<never>
}

// A second safeguard: no line is meant to contain these at all.
const REDACTED = [
  'authorization',
  'x-device-token',
  'x-forwarded-authorization',
  'cookie',
  'token',
  'password',
  'pepper',
]

/** How long an unread log may keep the process alive. */
const LAST_WRITE_LIMIT_MS = 2000
/** The buffer for a slow reader; lines beyond it are dropped. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024

/**
 * The process's log on stdout: JSON lines, or lines for people on a terminal. Buffered, so a request never waits; and
 * the server continues when its reader goes away (a closed pipe).
 */
export function createLog(
  env: Pick<ServerEnv, 'logLevel' | 'logFormat'>,
  secrets: readonly string[],
): ServerLog {
  const pretty = env.logFormat === 'pretty' || (env.logFormat === 'auto' && process.stdout.isTTY)
  const scrub = createScrubber(secrets)
  ignoreBrokenPipe()
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
      exit: async (exitCode) => process.exit(exitCode),
    }
  }
  // With a minimum length, `flush` waits until all is written; without one it does not.
  const destination = pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: MOST_UNREAD_BYTES })
  // Called by pino at fatal lines and when the process exits; if the reader is gone, it retries forever.
  destination.flushSync = () => undefined
  destination.on('error', () => undefined)
  return {
    logger: pino(options, destination),
    pretty,
    scrub,
    exit: async (exitCode) => {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, LAST_WRITE_LIMIT_MS)
        destination.once('error', () => resolve())
        destination.flush(() => resolve())
      })
      process.exit(exitCode)
    },
  }
}
