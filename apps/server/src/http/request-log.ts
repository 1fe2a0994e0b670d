import type { IncomingMessage, ServerResponse } from 'node:http'

import { causeOf, requestIds } from '@fieldsync/api'
import type { Logger } from 'pino'

import { messageOf } from '../log/error-fields.ts'

const SLOW_MS = 2_000
const LINES_PER_SECOND = 20

/**
 * One log line per request: errors, writes and slow answers at `info` and above, the rest at `debug`. A busy server or
 * a flood of bad requests is not written line by line: each kind has its budget per second, and the excess is counted
 * in one line. Neither headers, queries nor bodies are logged.
 */
export class RequestLog {
  readonly #logger: Logger
  readonly #writes: LineBudget
  readonly #refusals: LineBudget
  readonly #failures: LineBudget

  constructor(logger: Logger) {
    this.#logger = logger
    const budget = (kind: string) =>
      new LineBudget(LINES_PER_SECOND, (count) =>
        logger.info({ kind, count }, 'requests not logged individually'),
      )
    this.#writes = budget('write')
    this.#refusals = budget('refused')
    this.#failures = budget('failed')
  }

  /** Call once per request, before it is handled. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const started = performance.now()
    response.once('close', () => this.#finished(request, response, performance.now() - started))
  }

  #finished(request: IncomingMessage, response: ServerResponse, ms: number): void {
    const { statusCode: status } = response
    const level = this.#levelOf(request, response, ms)
    if (level === undefined || !this.#logger.isLevelEnabled(level)) return
    const path = pathOf(request)
    const ids = requestIds(request)
    const cause = causeOf(request)
    this.#logger[level](
      {
        ...ids,
        method: request.method,
        path,
        status,
        ms: Math.round(ms * 10) / 10,
        ip: addressOf(request),
        ...(cause === undefined ? {} : { reason: messageOf(cause) }),
        ...(response.writableFinished ? {} : { aborted: true }),
      },
      `${request.method ?? ''} ${path} ${status}`,
    )
  }

  #levelOf(
    request: IncomingMessage,
    response: ServerResponse,
    ms: number,
  ): 'error' | 'warn' | 'info' | 'debug' | undefined {
    const { statusCode: status } = response
    if (this.#logger.isLevelEnabled('debug')) return status >= 500 ? 'error' : 'debug'
    if (status >= 500) return this.#failures.take() ? 'error' : undefined
    if (status >= 400) return this.#refusals.take() ? 'info' : undefined
    const isSlow = ms >= SLOW_MS && !isStream(response)
    if (isSlow || request.method === 'POST') return this.#writes.take() ? 'info' : undefined
    return undefined
  }
}

/** An answer that is long-lived by design, and so not slow. */
const isStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type')).startsWith('text/event-stream')

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? ''
  const end = url.indexOf('?')
  return (end < 0 ? url : url.slice(0, end)).slice(0, 300)
}

/** The client's address; Express determines it behind trusted proxies. */
function addressOf(request: IncomingMessage): string | undefined {
  return 'ip' in request && typeof request.ip === 'string' ? request.ip : request.socket.remoteAddress
}

/** Allows a number of log lines per second and counts the rest, which is reported in one line at the end of the second. */
export class LineBudget {
  readonly #perSecond: number
  readonly #onSuppressed: (count: number) => void
  readonly #now: () => number
  #windowEnds = 0
  #taken = 0
  #timer: NodeJS.Timeout | undefined

  /** @param now a monotonic clock in milliseconds. */
  constructor(perSecond: number, onSuppressed: (count: number) => void, now = () => performance.now()) {
    this.#perSecond = perSecond
    this.#onSuppressed = onSuppressed
    this.#now = now
  }

  /** Whether one more line may be written now. */
  take(): boolean {
    const now = this.#now()
    if (now >= this.#windowEnds) {
      this.report()
      this.#windowEnds = now + 1000
    }
    this.#taken += 1
    if (this.#taken <= this.#perSecond) return true
    this.#timer ??= setTimeout(() => this.report(), 1000).unref()
    return false
  }

  /** Reports the suppressed lines so far, if any. */
  report(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const suppressed = this.#taken - this.#perSecond
    this.#taken = 0
    if (suppressed > 0) this.#onSuppressed(suppressed)
  }
}
