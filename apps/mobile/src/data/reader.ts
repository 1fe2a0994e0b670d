import { type EngineEvent, StoreError } from '@fieldsync/sync-engine'

// Others say how the sync stands, not that something else is stored.
const STORED: ReadonlySet<EngineEvent['kind']> = new Set([
  'storeChanged',
  'saved',
  'sent',
  'accepted',
  'conflict',
  'rebased',
  'quarantined',
  'resolved',
  'downstream',
])

export const changesRecords = ({ kind }: EngineEvent): boolean => STORED.has(kind)

/** The wait before a failed read is tried again doubles from the first to the last. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

type Reader = {
  /** Something may have changed. Reads that are asked for while one runs become one. */
  readonly changed: () => void
  /** Reads at once, without waiting for the next try. */
  readonly retry: () => void
  readonly close: () => void
}

type ReaderOptions<T> = {
  readonly read: () => Promise<T>
  readonly onValue: (value: T) => void
  /** Why the last read failed; null once one has not. It is tried again by itself. */
  readonly onFailure: (error: unknown) => void
  readonly after: (ms: number, work: () => void) => () => void
}

/** Reads something now, after every change, and again where a read failed (APP-6). */
export function reader<T>({ read, onValue, onFailure, after }: ReaderOptions<T>): Reader {
  let isOpen = true
  let isReading = false
  let isStale = false
  let wait = FIRST_RETRY_MS
  let stopWaiting: (() => void) | undefined

  const run = async () => {
    stopWaiting?.()
    if (isReading || !isOpen) {
      isStale = true
      return
    }
    isReading = true
    isStale = false
    try {
      const value = await read()
      if (isOpen) {
        onValue(value)
        onFailure(null)
      }
      wait = FIRST_RETRY_MS
    } catch (error) {
      failed(error)
    }
    isReading = false
    if (isStale) void run()
  }
  const failed = (error: unknown) => {
    // The store was closed under this screen: another takes its place.
    if (!isOpen || (error instanceof StoreError && error.code === 'closed')) return
    onFailure(error)
    stopWaiting = after(wait, () => void run())
    wait = Math.min(2 * wait, LAST_RETRY_MS)
  }
  void run()
  return {
    changed: () => void run(),
    retry: () => void run(),
    close: () => {
      isOpen = false
      stopWaiting?.()
    },
  }
}
