import type { Clock } from '../core/ports/clock.ts'
import { untilAborted } from './abort.ts'

/** Resolves after so many milliseconds; rejects with the signal's reason when it aborts first. */
export async function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  let cancel: (() => void) | undefined
  const passed = new Promise<void>((resolve) => {
    cancel = clock.after(milliseconds, resolve)
  })
  try {
    await untilAborted(passed, signal)
  } finally {
    cancel?.()
  }
}
