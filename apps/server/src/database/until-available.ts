import { isUnavailable } from '@fieldsync/db'
import pRetry from 'p-retry'

export type Waiting = {
  /** Ends the wait: the promise rejects with its reason. */
  readonly signal: AbortSignal
  readonly onWaiting: (error: unknown, waitMs: number) => void
}

/** Retries `work` until the database is available, with growing pauses, for as long as it takes. */
export const untilAvailable = <T>(work: () => Promise<T>, { signal, onWaiting }: Waiting): Promise<T> =>
  pRetry(work, {
    signal,
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 10_000,
    shouldRetry: ({ error, retryDelay }) => {
      if (!isUnavailable(error)) return false
      onWaiting(error, retryDelay)
      return true
    },
  })
