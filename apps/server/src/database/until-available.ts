import { setTimeout as delay } from 'node:timers/promises'

import { isUnavailable } from '@fieldsync/db'

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000

export type Loading = {
  /** Ends the wait: the promise rejects with its reason. */
  readonly signal: AbortSignal
  readonly onWaiting: (error: unknown, waitMs: number) => void
}

/** Retries `work` until the database is available, with growing pauses, for as long as it takes. */
export async function untilAvailable<T>(work: () => Promise<T>, { signal, onWaiting }: Loading): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error)) throw error
      onWaiting(error, wait)
    }
    // Interrupted, the loop ends with the signal's own reason.
    await delay(wait, undefined, { signal }).catch(() => undefined)
  }
}
