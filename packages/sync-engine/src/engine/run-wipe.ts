import type { EngineContext } from '../core/engine-context.ts'
import { readMeta, queueNumbers, writeMeta } from '../core/engine-meta.ts'
import { foreignStore } from '../core/foreign-store.ts'
import type { BatchAnswer, Transport } from '../core/ports.ts'
import { describeWipe, type Wipe } from '../core/wipe.ts'
import { parseJson, readRefusal } from '../push/read-answer.ts'
import { retryAfterOf, unanswered, type Unanswered, withoutAnswer } from '../push/send-call.ts'
import { backoff, sleep, throwIfAborted, untilAborted } from '../push/wait.ts'
import { redirectedEnd, type SyncOutcome, type SyncRunOptions } from './sync-run.ts'

/**
 * The server asks for the wipe of this device: the mark is stored, from which on nothing is written or shown any more, and the
 * wipe begins (ENG-80). Only the store's own server may ask (ENG-84), and only where it can be acknowledged.
 *
 * @returns undefined where it is not to be wiped
 * @throws the signal's reason when it aborts; what the store or the program throws: a later run goes on
 */
export async function beginWipe(options: SyncRunOptions): Promise<SyncOutcome | undefined> {
  const { context, transport } = options
  const { deviceId, address } = context
  if (!transport.acknowledgeWipe) return undefined
  const started = await context.store.write(async (transaction): Promise<Wipe | undefined> => {
    const [queue, position, contact, known] = await readMeta(transaction, [
      'queue',
      'position',
      'contact',
      'wipe',
    ])
    if (known) return known
    const isOwnServer = (contact?.home ?? address) === address
    if (!isOwnServer || foreignStore(context, position, contact)) return undefined
    const { pending, conflicts, quarantined } = queueNumbers(queue)
    const unsentDeleted = pending + conflicts + quarantined
    const workspaceName = contact?.workspaceName ?? null
    const wipe = { step: 'deleting', deviceId, unsentDeleted, workspaceName } as const
    await writeMeta(transaction, 'wipe', wipe)
    return wipe
  })
  return started && (await continueWipe(options, started))
}

/**
 * Takes the steps of a wipe that are left, each of which may be taken again: a process that dies in between goes on with its
 * next run (ENG-81 to ENG-83).
 *
 * @throws as {@link beginWipe}
 */
export async function continueWipe(options: SyncRunOptions, started: Wipe): Promise<SyncOutcome> {
  const { context, credentials, onWipe, signal } = options
  if (started.deviceId !== context.deviceId) return ended(started)
  let wipe = started
  const enter = async (step: Wipe['step']): Promise<void> => {
    wipe = { ...wipe, step }
    await context.store.write((transaction) => writeMeta(transaction, 'wipe', wipe))
    context.wiping(wipe)
  }
  context.wiping(wipe)
  if (wipe.step === 'deleting') {
    await context.store.erase([['wipe', wipe]])
    await onWipe?.()
    throwIfAborted(signal)
    await enter('acknowledging')
  }
  if (wipe.step === 'acknowledging') {
    const failure = await acknowledge(options, wipe)
    if (failure) return failure
    await enter('forgetting')
  }
  if (wipe.step === 'forgetting') {
    await credentials?.forget?.()
    await enter('done')
  }
  return ended(wipe)
}

const ended = (wipe: Wipe): SyncOutcome => ({
  event: 'auth_required',
  action: 'wipe',
  reason: describeWipe(wipe),
  detail: { kind: 'refused', code: 'AUTH_REQUIRED', reason: 'wipe', action: 'wipe' },
})

/** Acknowledges it to the server, again while that may help. @returns why the server does not know yet */
async function acknowledge(
  { context, transport, random, signal, onRetryAfter }: SyncRunOptions,
  { unsentDeleted }: Wipe,
): Promise<SyncOutcome | undefined> {
  const { attempts, firstBackoff, longestBackoff } = context.settings
  for (let attempt = 0; ; attempt++) {
    const failure = await acknowledgeOnce(transport, { deviceId: context.deviceId, unsentDeleted }, signal)
    if (failure === undefined) return undefined
    if ('event' in failure) return failure
    const { problem: reason, retryAfterMs } = failure
    const wait = retryAfterMs ?? 0
    if (wait > 0) onRetryAfter(wait, reason)
    if (attempt + 1 >= attempts || wait > longestBackoff) return { event: 'deferred', reason, retryAfterMs }
    await sleep(context.clock, wait + backoff(random, attempt, firstBackoff, longestBackoff), signal)
  }
}

async function acknowledgeOnce(
  transport: Transport,
  said: { readonly deviceId: EngineContext['deviceId']; readonly unsentDeleted: number },
  signal: AbortSignal,
): Promise<Unanswered | SyncOutcome | undefined> {
  let answer: BatchAnswer | undefined
  try {
    answer = await untilAborted(
      transport.acknowledgeWipe?.({ ...said, signal }) ?? Promise.resolve(undefined),
      signal,
    )
  } catch (error) {
    const failure = withoutAnswer(error, signal)
    if (failure.kind === 'redirected') return redirectedEnd(failure)
    return failure.kind === 'unanswered' ? failure : unanswered(failure.refusal.message, 'transfer', null)
  }
  if (!answer || isOver(answer)) return undefined
  const refusal = readRefusal(parseJson(answer.body))
  return unanswered(
    refusal?.message ?? `the answer was a bare ${answer.status}`,
    'busy',
    retryAfterOf(answer),
  )
}

/** The credential has ended in another way: an admin has called the wipe off, or the server is one from before the device. */
const ENDED: ReadonlySet<unknown> = new Set(['revoked', 'invalid'])

/** Whether the server knows, or has nothing to know any more: everything is deleted, whatever it says. */
function isOver({ status, body }: BatchAnswer): boolean {
  if (status >= 200 && status < 300) return hasAcknowledged(parseJson(body))
  const refusal = readRefusal(parseJson(body))
  if (refusal?.code === 'CONFLICT') return true
  return refusal?.code === 'AUTH_REQUIRED' && ENDED.has(refusal.details['reason'])
}

const hasAcknowledged = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'acknowledgedAt' in json
