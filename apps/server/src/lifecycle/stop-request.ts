import type { Logger } from 'pino'

/** What everything besides draining, which has its own limit, may take before the process ends by force. Milliseconds. */
export const SHUTDOWN_GRACE_MS = 45_000

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** The request that the process end, whatever its cause. */
type StopRequest = {
  /** Aborted as soon as the process is asked to end. */
  readonly signal: AbortSignal
  /** 0 for a signal, 1 after a bug. */
  exitCode(): number
}

/**
 * Handles what ends the process: a signal drains it (RUN-8), a second one ends it at once; an uncaught error is logged
 * and drains it too, with exit code 1, since the state it left is unknown.
 */
export function listenForStop(logger: Logger, endAtOnce: (exitCode: number) => void): StopRequest {
  const controller = new AbortController()
  let exitCode = 0
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        logger.warn({ signal: name }, 'second stop signal; ending at once')
        endAtOnce(1)
        return
      }
      logger.info({ signal: name }, 'stop signal; finishing running requests')
      controller.abort(new StoppedError())
    })
  }
  const onBug = (origin: string) => (err: unknown) => {
    logger.fatal({ err, origin }, 'uncaught error; the server stops')
    exitCode = 1
    if (!controller.signal.aborted) controller.abort(new StoppedError())
  }
  process.on('uncaughtException', onBug('exception'))
  process.on('unhandledRejection', onBug('rejection'))
  return { signal: controller.signal, exitCode: () => exitCode }
}

/** A start was abandoned because the process is to end. Not a failure. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}
