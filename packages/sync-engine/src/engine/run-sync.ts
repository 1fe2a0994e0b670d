import { transact, type EngineContext } from '../core/engine-context.ts'
import { readMeta } from '../core/engine-meta.ts'
import type { Call } from '../core/in-flight-batch.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { type Applied, applyAnswer } from '../pull/apply-answer.ts'
import { narrow, notePassed } from '../push/bisect.ts'
import { BodyEncoding } from '../push/body-encoding.ts'
import { growCalls } from '../push/call-sizes.ts'
import { sendCall, type Sent } from '../push/send-call.ts'
import { linkedAbort, throwIfAborted } from '../push/wait.ts'
import type { Swept } from '../recover/full-pull.ts'
import { type Exchange, noteClock } from './clock-offset.ts'
import { type Ahead, prepareAhead, storeAhead } from './go-ahead.ts'
import { type CallStep, nextStep } from './next-step.ts'
import { onRefusal, onSessionRefused, type Refused } from './on-refusal.ts'
import { onUnanswered } from './on-unanswered.ts'
import { claimProven, openSession } from './open-session.ts'
import { continueWipe } from './run-wipe.ts'
import { type SyncOutcome, type SyncRunState, type SyncRunOptions, redirectedEnd } from './sync-run.ts'

/**
 * One sync: batches until nothing is left to send and the device is at the head of the log. Only one runs on a store at a
 * time; the caller holds the lock.
 *
 * @throws the signal's reason when it aborts
 */
export async function runSync(options: SyncRunOptions): Promise<SyncOutcome> {
  const { context, signal } = options
  const [position, wipe] = await context.store.read((transaction) =>
    readMeta(transaction, ['position', 'wipe']),
  )
  if (wipe) return continueWipe(options, wipe)
  const encoding = await BodyEncoding.load(context, options.transport)
  const memory: SyncRunState = {
    pull: true,
    hasApplied: false,
    pullBeforePush: false,
    forbidden: null,
    renewed: new Set(),
    reportDropped: false,
    resets: 0,
    rebindings: 0,
    superseded: 0,
    doubted: null,
    searching: false,
    resent: new Set(),
    // Without a cursor nothing shows a server which workspace's log the device follows: it may have become another's.
    needsSession: context.session.isDue || (position?.cursor ?? '') === '',
    proving: false,
    atMost: null,
    ahead: null,
    progressed: false,
    progress: { sent: 0, received: 0 },
  }
  for (;;) {
    throwIfAborted(signal)
    // The device may have another credential by now.
    if (memory.needsSession || (context.session.isDue && !memory.proving)) {
      const ended = await establishSession(options, memory)
      if (ended !== 'continue') return ended
      continue
    }
    const { hasApplied, resent, atMost, proving } = memory
    const hold = memory.pullBeforePush || proving || memory.forbidden !== null
    const pull = memory.pull || proving
    const probe = memory.doubted !== null
    const step = await nextStep(context, options.device(), { pull, hold, hasApplied, probe, resent, atMost })
    if (step.kind === 'nothing') return endOf(memory, step.suspects)
    if (step.kind === 'swept') {
      emitMissing(context, step)
      continue
    }
    if (step.kind === 'call' && step.suspect !== undefined) resent.add(step.suspect)
    const ended = await exchangeCalls(options, memory, encoding, step)
    if (ended !== 'continue') return ended
  }
}

/**
 * Sends a call and takes over its answer. Where both are plain, the next batch is sent as soon as the answer is there, and on
 * its way while that is applied (ENG-87); so are those behind it.
 */
async function exchangeCalls(
  options: SyncRunOptions,
  memory: SyncRunState,
  encoding: BodyEncoding,
  { call: first, again, once = false, suspect }: CallStep,
): Promise<Refused> {
  const { context, signal, device } = options
  const attempts = once ? 1 : context.settings.attempts
  const maySendAhead = () =>
    context.settings.storedBatches > 1 &&
    !(once || suspect !== undefined || memory.doubted || memory.atMost !== null || context.session.isDue)
  let flight = depart(options, encoding, first, again, attempts)
  try {
    for (;;) {
      const { call } = flight
      const isUnderWay = call.entries.length > 0 && maySendAhead() && (await flight.isUnderWay)
      const prepared = isUnderWay ? await prepareAhead(context, call) : undefined
      const { sent, ...times } = await flight.answer
      throwIfAborted(signal)
      const next =
        prepared && maySendAhead() ? await storeAhead(context, device(), call, sent, prepared) : undefined
      if (next) {
        flight = depart(options, encoding, next.call, false, attempts)
        await flight.isUnderWay
      }
      memory.ahead = null
      const ended = await goOn(options, memory, call, sent, times, next)
      if (ended !== 'continue' || !next || memory.ahead !== next.call.syncId) return ended
    }
  } finally {
    flight.giveUp()
  }
}

async function establishSession(options: SyncRunOptions, memory: SyncRunState): Promise<Refused> {
  const met = await openSession(options)
  switch (met.kind) {
    case 'end':
      return met.end
    case 'refused':
      return onSessionRefused(options, memory, met.refusal)
    case 'own':
    case 'prove':
      memory.needsSession = false
      memory.proving = met.kind === 'prove'
      return 'continue'
  }
}

const WAITING_SUSPECTS = 'Some records get no answer, and are sent again.'

function endOf({ forbidden }: SyncRunState, suspects: boolean): SyncOutcome {
  if (forbidden) return forbidden
  return suspects ? { event: 'deferred', reason: WAITING_SUSPECTS, retryAfterMs: null } : { event: 'done' }
}

/** When the last attempt went out and came back, and whether it was the first; on the device's clock. */
type Times = Omit<Exchange, 'serverTime'>

/** A call on its way. */
type Flight = {
  call: Call
  /** Whether it is, once it is handed over; false where its answer, or whatever ended it, is there by then. */
  isUnderWay: Promise<boolean>
  /** @throws the signal's reason when it aborts */
  answer: Promise<Times & { sent: Sent }>
  /** Aborts it unless it has ended. */
  giveUp: () => void
}

function depart(
  { context, transport, random, signal, onRetryAfter }: SyncRunOptions,
  encoding: BodyEncoding,
  call: Call,
  again: boolean,
  attempts: number,
): Flight {
  const { clock, settings } = context
  const abort = linkedAbort(signal)
  let sentAt = clock.now()
  let isFirst = !again
  let handedOver: (isUnderWay: true) => void = () => undefined
  const isHandedOver = new Promise<boolean>((resolve) => (handedOver = resolve))
  const sending = sendCall({ transport, random, clock, settings }, call, abort.signal, {
    attempts,
    uncompressed: () => encoding.uncompressed,
    onUncompressed: () => encoding.remember(),
    onRetryAfter,
    onHandedOver: () => handedOver(true),
    onSend: (attempt) => {
      sentAt = clock.now()
      isFirst = !again && attempt === 0
      context.emit({ kind: 'sent', syncId: call.syncId, records: call.entries.length, again: !isFirst })
    },
  })
  const answer = sending
    .then((sent) => ({ sent, sentAt, receivedAt: clock.now(), isFirst }))
    .finally(() => abort.unlink())
  const isOver = answer.then(
    () => false,
    () => false,
  )
  return {
    call,
    answer,
    isUnderWay: Promise.race([isHandedOver, isOver]),
    giveUp: () => abort.abort(new Error('the call was given up')),
  }
}

async function goOn(
  options: SyncRunOptions,
  memory: SyncRunState,
  call: Call,
  sent: Sent,
  times: Times,
  ahead: Ahead | undefined,
): Promise<Refused> {
  const { context } = options
  if (sent.kind === 'unanswered') return onUnanswered(options, memory, call, sent)
  if (sent.kind === 'redirected') return redirectedEnd(sent)
  const { doubted } = memory
  memory.doubted = null
  if (sent.kind === 'refusal') return onRefusal(options, memory, call, sent.refusal)
  let clockSkew: number | null = null
  const { applied, narrowed } = await transact(context, async (changeset, transaction) => {
    clockSkew = noteClock(changeset, { ...times, serverTime: Date.parse(sent.response.acceptedAt) })
    // The batch is given up first: what the answer brings may be its records.
    const found = doubted ? await narrow(context, changeset, transaction, doubted.failed) : null
    const done = await applyAnswer(context, changeset, transaction, call, sent, ahead)
    if (done && memory.proving) await claimProven(changeset, transaction)
    if (done && !doubted) await noteAnswered(context, transaction, call, sent)
    return { applied: done, narrowed: found }
  })
  for (const conflict of narrowed?.quarantined ?? [])
    context.emit({ kind: 'quarantined', conflict, issues: conflict.issues })
  if (applied === null) return onSuperseded(memory)
  if (memory.proving) context.session.isDue = false
  memory.proving = false
  memory.pull = applied.hasMore
  memory.pullBeforePush = false
  memory.hasApplied = true
  memory.ahead = applied.next
  memory.progress = {
    sent: memory.progress.sent + call.entries.length,
    received: memory.progress.received + applied.changed.length + applied.deleted.length,
  }
  options.onProgress(memory.progress)
  if (clockSkew !== null) context.emit({ kind: 'clockSkew', offsetMs: clockSkew })
  emitApplied(context, applied)
  if (!doubted) {
    memory.progressed ||= call.entries.length + applied.changed.length + applied.deleted.length > 0
    return 'continue'
  }
  memory.searching = true
  return narrowed?.isServer ? { event: 'deferred', reason: doubted.reason, retryAfterMs: null } : 'continue'
}

async function noteAnswered(
  context: EngineContext,
  transaction: WriteTransaction,
  call: Call,
  { response: { downstream }, recovered }: Extract<Sent, { kind: 'result' }>,
): Promise<void> {
  const records = downstream.observations.length + downstream.recommendations.length
  await growCalls(context, transaction, call, { records, hasMore: downstream.hasMore })
  await notePassed(transaction, call, recovered)
}

// What another tab did is read again; another tab that is always first would mean a lock that does not hold.
const MOST_OVERTAKEN = 5

const onSuperseded = (memory: SyncRunState): Refused =>
  memory.superseded++ < MOST_OVERTAKEN
    ? 'continue'
    : { event: 'deferred', reason: 'Another tab syncs at the same time.', retryAfterMs: null }

function emitApplied(context: EngineContext, applied: Applied): void {
  const { emit } = context
  const { accepted, rebased, parked, changed, deleted, hasMore, resent, missing, drift } = applied
  if (accepted.length > 0) emit({ kind: 'accepted', records: accepted })
  for (const each of rebased) emit({ kind: 'rebased', ...each })
  for (const conflict of parked) emit({ kind: 'conflict', conflict })
  if (changed.length + deleted.length > 0) emit({ kind: 'downstream', changed, deleted, hasMore })
  emitMissing(context, { ...missing, resent })
  if (drift) emit({ kind: 'drift', ...drift })
}

/** What the server has lost: what of it goes out again, and what only this device still has. */
function emitMissing({ emit }: EngineContext, { resent, localOnly, corrections }: Swept): void {
  if (resent.length > 0) emit({ kind: 'resent', records: resent })
  if (localOnly.length > 0) emit({ kind: 'localOnly', records: localOnly })
  if (corrections.length > 0) emit({ kind: 'correctionsLost', records: corrections })
}
