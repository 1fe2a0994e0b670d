import { setImmediate as nextTurn } from 'node:timers/promises'

import { memoryTaken } from '@fieldsync/api'
import type { Runtime } from '@fieldsync/services'
import type { Logger } from 'pino'

/** What keeps a process running, as Node names it: timers, sockets, and programs that it has started. */
const RUNNING = new Set(['Timeout', 'TCPServerWrap', 'TCPSocketWrap', 'TCPConnectWrap', 'ProcessWrap'])

/**
 * Says what requests have left behind after the last one has ended and the database is closed: nothing, unless they
 * were cut off. A server that gives back less than it takes runs well at first, and out of memory or connections later.
 */
export const warnOfLeftOver = (logger: Logger, runtime: Runtime): void => {
  const bytes = memoryTaken()
  warn(logger, [...runtime.leftOver(), ...(bytes > 0 ? [`${bytes} bytes of requests`] : [])])
}

/** How long what was closed last may take to be gone. */
const CLOSING_MS = 5000

/**
 * Says what still runs once everything has been released: nothing; the process itself does not wait for it.
 * @param hasWorkers a connection that was on its way to a worker when the last one stopped listening is kept by `node:cluster` until
 *   the process ends
 */
export async function warnOfRunning(logger: Logger, hasWorkers = false): Promise<void> {
  const isExpected = (kind: string): boolean => hasWorkers && kind === 'TCPSocketWrap'
  const running = (): string[] =>
    process.getActiveResourcesInfo().filter((kind) => RUNNING.has(kind) && !isExpected(kind))
  const deadline = performance.now() + CLOSING_MS
  while (running().length > 0 && performance.now() < deadline) await nextTurn()
  warn(logger, running())
}

function warn(logger: Logger, leftOver: readonly string[]): void {
  if (leftOver.length > 0) logger.warn({ leftOver }, 'something was left over at the end')
}
