import { transact } from '../core/engine-context.ts'
import type { Call } from '../core/in-flight-batch.ts'
import { failedCall, mayBeAtFault, noteFailure } from '../push/bisect.ts'
import type { Unanswered } from '../push/send-call.ts'
import { sleep } from '../push/wait.ts'
import type { Refused } from './on-refusal.ts'
import type { SyncRunState, SyncRunOptions } from './sync-run.ts'

/**
 * After a call was not answered in all its attempts: the run ends for now, or checks by a smallest pull whether
 * the way to the server and the server are there (ENG-48). Only if that is answered is the call itself at fault.
 */
export async function onUnanswered(
  { context, signal }: SyncRunOptions,
  memory: SyncRunState,
  call: Call,
  { problem: reason, cause, retryAfterMs, timedOut }: Unanswered,
): Promise<Refused> {
  const { settings, clock } = context
  const { progressed } = memory
  const deferred = { event: 'deferred', reason, retryAfterMs, progressed } as const
  // It was the smallest pull that was not answered: this is not about the call before it.
  if (memory.doubted) return deferred
  const failed = failedCall(call, call.page ?? settings.pageRecords, cause)
  const isDue = await transact(context, (_, transaction) => noteFailure(transaction, failed))
  if (!mayBeAtFault(failed) || (retryAfterMs ?? 0) > settings.longestBackoff) return deferred
  if (!memory.searching && !timedOut && !isDue) return deferred
  await sleep(clock, retryAfterMs ?? 0, signal)
  memory.doubted = { failed, reason }
  return 'continue'
}
