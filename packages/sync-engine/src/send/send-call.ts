import type { EngineSettings } from '../engine/engine-options.ts'
import type { Call } from '../outbox/snapshot.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { BatchAnswer, Transport } from '../ports/transport.ts'
import { throwIfAborted, untilAborted } from './abort.ts'
import { backoff } from './backoff.ts'
import { ERROR_ACTIONS } from './error-action.ts'
import { type ReadAnswer, readAnswer } from './read-answer.ts'
import { sleep } from './sleep.ts'

/** How a call ended: answered, refused for good, or not answered in all its attempts. */
export type Sent =
  | Exclude<ReadAnswer, { kind: 'broken' }>
  | {
      kind: 'unanswered'
      problem: string
      /** The server asked to be left alone for so many milliseconds. */
      retryAfterMs: number | null
      /** The server itself failed, or answered what this program does not understand: not the network. */
      serverFailed: boolean
    }

type Sender = { transport: Transport; clock: Clock; random: Random; settings: EngineSettings }

// A wait that a broken or hostile answer asks for ends too.
const LONGEST_RETRY_AFTER = 60 * 60_000

/**
 * Sends one call, again with the same bytes and key while that may help (ENG-6).
 *
 * @param onSend called before each attempt, which counts from 0
 * @throws the signal's reason when it aborts
 */
export async function sendCall(
  sender: Sender,
  call: Call,
  signal: AbortSignal,
  onSend: (attempt: number) => void,
): Promise<Sent> {
  const { settings } = sender
  for (let attempt = 0; ; attempt++) {
    onSend(attempt)
    const tried = await attemptOnce(sender.transport, call, signal)
    if (tried.kind !== 'unanswered') return tried
    const asked = tried.retryAfterMs ?? 0
    if (attempt + 1 >= settings.attempts || asked > settings.longestBackoff) return tried
    const drawn = backoff(sender.random, attempt, settings.firstBackoff, settings.longestBackoff)
    await sleep(sender.clock, asked + drawn, signal)
  }
}

async function attemptOnce(transport: Transport, call: Call, signal: AbortSignal): Promise<Sent> {
  let answer: BatchAnswer
  try {
    const sending = transport.syncBatch({ idempotencyKey: call.syncId, body: call.body, signal })
    answer = await untilAborted(sending, signal)
  } catch (error) {
    throwIfAborted(signal)
    return unanswered(error instanceof Error ? error.message : 'no answer came')
  }
  throwIfAborted(signal)
  const retryAfterMs =
    answer.retryAfterMs === undefined ? null : Math.min(LONGEST_RETRY_AFTER, Math.max(0, answer.retryAfterMs))
  const read = readAnswer(call, answer)
  if (read.kind === 'broken') return unanswered(read.problem, retryAfterMs, read.isJson)
  if (read.kind === 'result') return read
  const { code, message, retryable } = read.refusal
  const again = code === null ? retryable : ERROR_ACTIONS[code] === 'retry'
  return again ? unanswered(message, retryAfterMs, code === 'INTERNAL_ERROR') : read
}

const unanswered = (problem: string, retryAfterMs: number | null = null, serverFailed = false): Sent => ({
  kind: 'unanswered',
  problem,
  retryAfterMs,
  serverFailed,
})
