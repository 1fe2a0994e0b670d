import type { ErrorCode } from '@fieldsync/contracts'
import { z } from 'zod'

import type { EngineSettings } from '../core/engine-options.ts'
import type { Call } from '../core/in-flight-batch.ts'
import type { BatchAnswer, Clock, Random, Transport } from '../core/ports.ts'
import {
  ERROR_ACTIONS,
  type FailureCause,
  memberOf,
  type ReadAnswer,
  readAnswer,
  type Refusal,
} from './read-answer.ts'
import { backoff, sleep, throwIfAborted, untilAborted } from './wait.ts'

/** A call that was not answered in all its attempts. */
export type Unanswered = {
  kind: 'unanswered'
  problem: string
  cause: FailureCause
  /** The server asked to be left alone for so many milliseconds. */
  retryAfterMs: number | null
  /** Its time limit has passed. */
  timedOut: boolean
}

/** The address redirects, to `address` where that can be read; the call was not sent there (ENG-54). */
export type Redirected = { kind: 'redirected'; problem: string; address: string | null }

/** What came of a call to which no answer came; a refusal where the device itself has no credential to send it with. */
export type Failure = { kind: 'refusal'; refusal: Refusal } | Redirected | Unanswered

type Outcome = Exclude<ReadAnswer, { kind: 'broken' }> | Failure

/**
 * How a call ended: answered, refused for good, redirected, or not answered in all its attempts. `recovered`: the same
 * bytes were refused in an earlier attempt, by the server or on the way.
 */
export type Sent = Outcome & { recovered: boolean }

type Sender = { transport: Transport; clock: Clock; random: Random; settings: EngineSettings }

// A wait that a broken or hostile answer asks for ends too.
const LONGEST_RETRY_AFTER = 60 * 60_000

/**
 * Sends one call, again with the same bytes and key while that may help (ENG-6).
 *
 * @param options.attempts at most so many
 * @param options.uncompressed asked before each attempt: compressed bodies do not get through
 * @param options.onSend called before each attempt, which counts from 0
 * @param options.onHandedOver called once an attempt is on its way
 * @param options.onUncompressed the body went through uncompressed alone
 * @param options.onRetryAfter the server asked for a pause of so many milliseconds
 * @throws the signal's reason when it aborts
 */
export async function sendCall(
  sender: Sender,
  call: Call,
  signal: AbortSignal,
  options: {
    attempts: number
    uncompressed: () => boolean
    onSend: (attempt: number) => void
    onHandedOver: () => void
    onUncompressed: () => Promise<void>
    onRetryAfter: (milliseconds: number, problem: string) => void
  },
): Promise<Sent> {
  const { settings, transport } = sender
  const indivisible = call.entries.length <= 1
  let recovered = false
  for (let attempt = 0; ; attempt++) {
    options.onSend(attempt)
    const tried = await attemptOnce(call, signal, async () => {
      const { syncId: idempotencyKey, body } = call
      const uncompressed = options.uncompressed()
      const { onHandedOver } = options
      const answer = await transport.syncBatch({
        idempotencyKey,
        body,
        indivisible,
        uncompressed,
        onHandedOver,
        signal,
      })
      if (answer.uncompressed === true && !uncompressed) await options.onUncompressed()
      return answer
    })
    if (tried.kind !== 'unanswered') return { ...tried, recovered }
    recovered ||= tried.cause === 'server' || tried.cause === 'rejected'
    const asked = tried.retryAfterMs ?? 0
    if (asked > 0) options.onRetryAfter(asked, tried.problem)
    const isLast = attempt + 1 >= options.attempts || asked > settings.longestBackoff
    // The same bytes would take as long again; smaller ones may not.
    const isTooLarge = tried.timedOut && (!indivisible || (call.page ?? settings.pageRecords) > 1)
    if (isLast || isTooLarge) return { ...tried, recovered }
    const drawn = backoff(sender.random, attempt, settings.firstBackoff, settings.longestBackoff)
    await sleep(sender.clock, asked + drawn, signal)
  }
}

async function attemptOnce(
  call: Call,
  signal: AbortSignal,
  send: () => Promise<BatchAnswer>,
): Promise<Outcome> {
  let answer: BatchAnswer
  try {
    answer = await untilAborted(send(), signal)
  } catch (error) {
    return withoutAnswer(error, signal)
  }
  const retryAfterMs = retryAfterOf(answer)
  const read = readAnswer(call, answer)
  if (read.kind === 'broken') return unanswered(read.problem, read.cause, retryAfterMs)
  if (read.kind === 'result' || !isTemporary(read.refusal)) return read
  const { code, message } = read.refusal
  return unanswered(message, (code && RETRIED[code]) ?? 'busy', retryAfterMs)
}

/**
 * What an attempt came to whose transport, or whose renewal of the credential, rejected (see {@link TransportFailure}).
 * @throws the signal's reason when it has aborted
 */
export function withoutAnswer(error: unknown, signal: AbortSignal): Failure {
  throwIfAborted(signal)
  const problem = error instanceof Error ? error.message : 'no answer came'
  const kind = memberOf(error, 'kind')
  if (memberOf(error, 'code') === 'AUTH_REQUIRED') {
    const details = Details.safeParse(memberOf(error, 'details')).data ?? {}
    return {
      kind: 'refusal',
      refusal: { code: 'AUTH_REQUIRED', message: problem, retryable: false, details },
    }
  }
  if (kind === 'busy') {
    const asked = memberOf(error, 'retryAfterMs')
    return unanswered(problem, 'busy', typeof asked === 'number' ? bounded(asked) : null)
  }
  if (kind !== 'redirected') return unanswered(problem, 'transfer', null, kind === 'timeout')
  const address = memberOf(error, 'address')
  return { kind, problem, address: typeof address === 'string' ? address : null }
}

const Details = z.record(z.string(), z.unknown())

const bounded = (milliseconds: number): number => Math.min(LONGEST_RETRY_AFTER, Math.max(0, milliseconds))

/** The pause that an answer asks for, milliseconds; null for none. */
export const retryAfterOf = ({ retryAfterMs }: BatchAnswer): number | null =>
  retryAfterMs === undefined ? null : bounded(retryAfterMs)

/** True for a refusal after which the same call may succeed later (ENG-13). */
export const isTemporary = ({ code, retryable }: Refusal): boolean =>
  code === null ? retryable : ERROR_ACTIONS[code] === 'retry'

/** What the codes say that are tried again: a server that takes too long for a large batch answers UNAVAILABLE. */
const RETRIED: Partial<Readonly<Record<ErrorCode, FailureCause>>> = {
  INTERNAL_ERROR: 'server',
  UNAVAILABLE: 'transfer',
  RATE_LIMITED: 'busy',
}

export const unanswered = (
  problem: string,
  cause: FailureCause,
  retryAfterMs: number | null,
  timedOut = false,
): Unanswered => ({ kind: 'unanswered', problem, cause, retryAfterMs, timedOut })
