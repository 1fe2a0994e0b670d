import type { DeviceCopy } from '../state/device-copy.ts'

/**
 * G10: once faults have stopped for long enough, nothing waits to be sent any more. Only behind a conflict do later
 * writes of the same record wait: those are resolved first.
 */
export function drained(copies: readonly DeviceCopy[]): string[] {
  return copies
    .filter(({ queued }) => queued.length > 0)
    .map(({ device, queued }) => `${device} still has ${queued.length} writes to send`)
}
