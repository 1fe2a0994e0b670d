import type { Clock, Random } from '../core/ports.ts'

// The platform's own `throwIfAborted` and `AbortSignal.any` are missing on phones.

/** Why a signal was aborted, as an error. */
const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('aborted')

/** @throws the signal's reason if it has aborted */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw reasonOf(signal)
}

/**
 * The promise, or the rejection of the signal as soon as it aborts: an adapter that does not listen to its signal must
 * not hold up the engine's end.
 *
 * @throws the signal's reason
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(reasonOf(signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** A signal that aborts with the first of two. */
export function eitherAborts(first: AbortSignal, second: AbortSignal): AbortSignal {
  const either = new AbortController()
  for (const signal of [first, second]) {
    if (signal.aborted) either.abort(reasonOf(signal))
    signal.addEventListener('abort', () => either.abort(reasonOf(signal)))
  }
  return either.signal
}

/** A signal that aborts with another, until it is unlinked, or by itself. */
export function linkedAbort(signal: AbortSignal) {
  const own = new AbortController()
  const onAbort = () => own.abort(reasonOf(signal))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  return {
    signal: own.signal,
    abort: (reason: Error) => own.abort(reason),
    unlink: () => signal.removeEventListener('abort', onAbort),
  }
}

/** Resolves after so many milliseconds; rejects with the signal's reason when it aborts first. */
export async function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  let cancel: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    cancel = clock.after(milliseconds, resolve)
  })
  try {
    await untilAborted(passed, signal)
  } finally {
    cancel()
  }
}

/**
 * A wait that grows: drawn from 0 to `first` · 2^`failures`, at most `longest` (full jitter), so that a thousand phones
 * that lost one server do not come back at once. Whole milliseconds.
 *
 * @param failures how many there were before this one
 */
export const backoff = (random: Random, failures: number, first: number, longest: number): number =>
  Math.ceil(random.next() * Math.min(longest, first * 2 ** Math.min(failures, 30)))
