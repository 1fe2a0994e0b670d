import { type DestinationStream, type Logger, pino } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { errorFields } from './error-fields.ts'
import { ignoreBrokenPipe } from './ignore-broken-pipe.ts'
import { createScrubber } from './scrub.ts'

export type ServerLog = {
  readonly logger: Logger
  /** Whether lines are for people rather than for machines. */
  readonly pretty: boolean
  /** Takes a line of another process of this server, as that would have written it. */
  readonly line: (json: string) => void
  /** Redacts secrets in text that is not written to the log. */
  readonly scrub: (text: string) => string
  /** Ends the process once what is still buffered is written, or cannot be. */
  exit(exitCode: number): Promise<never>
}

// No line is meant to contain these at all: this and the scrubbing of every line are safeguards.
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
 * @param ofProcess named in each line, where the server has several processes
 */
export async function createLog(
  env: Pick<ServerEnv, 'logLevel' | 'logFormat'>,
  secrets: readonly string[],
  ofProcess?: string,
): Promise<ServerLog> {
  const pretty = env.logFormat === 'pretty' || (env.logFormat === 'auto' && process.stdout.isTTY)
  const scrub = createScrubber(secrets)
  ignoreBrokenPipe()
  const options = {
    level: env.logLevel,
    base: ofProcess === undefined ? null : { process: ofProcess },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: REDACTED.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
      censor: '[hidden]',
    },
    serializers: { err: (error: unknown) => errorFields(error) },
    hooks: { streamWrite: scrub },
  }
  if (pretty) {
    const lines = await linesForPeople()
    return {
      logger: pino(options, lines),
      line: (json) => lines.write(`${json}\n`),
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
    line: (json) => destination.write(`${json}\n`),
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

/** Lines for people on stdout. The formatter is loaded only for them: most servers write JSON. */
async function linesForPeople(): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty')
  const format = prettyFactory({
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  })
  return { write: (line) => void process.stdout.write(format(line)) }
}
