import type { IncomingMessage } from 'node:http'

import { isStream, requestState } from '@fieldsync/api'
import type { Logger } from 'pino'

import { messageOf } from '../log/error-fields.ts'
import type { FinishedRequest } from './watch-requests.ts'

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

  /** Call once per request, when it has ended (MON-8). */
  readonly finished = (finished: FinishedRequest): void => {
    const { request, response, ms } = finished
    const { statusCode: status } = response
    const level = this.#levelOf(finished)
    if (level === undefined || !this.#logger.isLevelEnabled(level)) return
    const path = pathOf(request)
    const { ids, operations, workspaceId, deviceId, failures, cause } = requestState(request)
    const [failure] = failures
    const reason = cause === undefined ? failure?.reason : messageOf(cause)
    this.#logger[level](
      {
        ...ids,
        method: request.method,
        path,
        ...(operations.length > 0 ? { operation: operations.join(',') } : {}),
        ...(workspaceId === undefined ? {} : { workspaceId, deviceId }),
        status,
        ...(failure ? { code: failure.code } : {}),
        ms: Math.round(ms * 10) / 10,
        ip: addressOf(request),
        ...(reason === undefined ? {} : { reason }),
        ...(response.writableFinished ? {} : { aborted: true }),
      },
      `${request.method ?? ''} ${path} ${status}`,
    )
  }

  #levelOf({ request, response, ms }: FinishedRequest): 'error' | 'warn' | 'info' | 'debug' | undefined {
    const { statusCode: status } = response
    if (this.#logger.isLevelEnabled('debug')) return status >= 500 ? 'error' : 'debug'
    if (status >= 500) return this.#failures.take() ? 'error' : undefined
    if (status >= 400) return this.#refusals.take() ? 'info' : undefined
    const isSlow = ms >= SLOW_MS && !isStream(response)
    if (isSlow || request.method === 'POST') return this.#writes.take() ? 'info' : undefined
    return undefined
  }
}

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
