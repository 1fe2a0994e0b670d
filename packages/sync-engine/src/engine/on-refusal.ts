import { AUTH_ACTIONS, isOlderContract, UNANNOUNCED_CONTRACT_VERSION } from '@fieldsync/contracts'

import { type EngineContext, transact } from '../core/engine-context.ts'
import { clearReport, readMeta } from '../core/engine-meta.ts'
import { type Call, discardInFlightBatch } from '../core/in-flight-batch.ts'
import { TOO_LARGE } from '../core/local-conflict.ts'
import { recordServerContract } from '../core/server-contract.ts'
import { shrinkBatches } from '../push/call-sizes.ts'
import { type NamedIssues, namedIssues, quarantine, type Quarantined } from '../push/quarantine.ts'
import { authAction, ERROR_ACTIONS, type Refusal, refusalDetail } from '../push/read-answer.ts'
import { type Failure, withoutAnswer } from '../push/send-call.ts'
import { untilAborted } from '../push/wait.ts'
import { startFullPull } from '../recover/full-pull.ts'
import { disown } from './open-session.ts'
import { beginWipe } from './run-wipe.ts'
import { redirectedEnd, type SyncOutcome, type SyncRunOptions, type SyncRunState } from './sync-run.ts'

/** What becomes of the run after a refusal. */
export type Refused = SyncOutcome | 'continue'

// A server that refuses the cursor or the key again and again is tried again in the next run, not for ever in this one.
const MOST_RESETS = 2
const MOST_REBINDINGS = 3

/** Does what the table says about a refused call (ENG-13). */
export async function onRefusal(
  options: SyncRunOptions,
  memory: SyncRunState,
  call: Call,
  refusal: Refusal,
): Promise<Refused> {
  const { context } = options
  const { code, message: reason } = refusal
  if (code === 'VALIDATION_ERROR' && (await rebuildForOlder(context, memory, call, refusal)))
    return 'continue'
  switch (code === null ? 'stop' : ERROR_ACTIONS[code]) {
    case 'quarantine':
      return onInvalid(context, memory, call, refusal)
    case 'split':
      return onTooLarge(context, call, refusal)
    case 'reset':
      if (memory.proving) return disown(context)
      // It may be another server by now; a restored one says the same as before.
      memory.needsSession = true
      if (call.cursor === '' || memory.resets++ >= MOST_RESETS) return deferred(reason)
      return resetCursor(context, call)
    case 'renew':
      return renew(options, memory, refusal)
    case 'pull':
      if (memory.rebindings++ >= MOST_REBINDINGS) return deferred(reason)
      await giveUp(context, call)
      memory.pull = true
      memory.pullBeforePush = true
      return 'continue'
    case 'forbidden':
      return onForbidden(context, memory, call, refusal)
    case 'retry':
      return deferred(reason)
    case 'stop':
      return failed(refusal)
  }
}

/** What becomes of the run when the server refuses to say who it is. */
export async function onSessionRefused(
  options: SyncRunOptions,
  memory: SyncRunState,
  refusal: Refusal,
): Promise<Refused> {
  const { code } = refusal
  if (code === 'AUTH_REQUIRED') return renew(options, memory, refusal)
  return code === 'FORBIDDEN' ? authRequired(refusal, null) : failed(refusal)
}

const failed = (refusal: Refusal): SyncOutcome => ({
  event: 'failed',
  code: refusal.code,
  reason: refusal.message,
  detail: refusalDetail(refusal),
})

const authRequired = (refusal: Refusal, action: string | null): SyncOutcome => ({
  event: 'auth_required',
  action,
  reason: refusal.message,
  detail: refusalDetail(refusal),
})

/**
 * A server that is older than the batch refuses what it does not know, and no note is to blame: the batch is discarded, and
 * what waits is sent again as that version takes it (ENG-36). One that announces nothing is of the last version that did
 * not. No entry was decided on: what breaks the contract stores nothing (BAT-6).
 */
async function rebuildForOlder(
  context: EngineContext,
  memory: SyncRunState,
  call: Call,
  { contract = UNANNOUNCED_CONTRACT_VERSION }: Refusal,
): Promise<boolean> {
  const builtFor = call.contract ?? UNANNOUNCED_CONTRACT_VERSION
  if (!isOlderContract(contract, builtFor)) return false
  await transact(context, (changeset, transaction) => recordServerContract(changeset, transaction, contract))
  await giveUp(context, call)
  // Builds may be mixed behind one address: what one of them lacks is not tried again in this run.
  memory.atMost = contract
  return true
}

const deferred = (reason: string): SyncOutcome => ({ event: 'deferred', reason, retryAfterMs: null })

/** Gives the stored batch up, if it is still the one that was refused; with it goes `work`, in one transaction. */
const giveUp = (
  context: EngineContext,
  call: Call,
  work?: Parameters<typeof transact<void>>[1],
): Promise<void> =>
  transact(context, async (changeset, transaction) => {
    const [stored] = await readMeta(transaction, ['snapshot'])
    if (call.entries.length > 0 && stored?.syncId !== call.syncId) return
    if (stored) await discardInFlightBatch(changeset, transaction, stored)
    await work?.(changeset, transaction)
  })

async function onInvalid(
  context: EngineContext,
  memory: SyncRunState,
  call: Call,
  refusal: Refusal,
): Promise<Refused> {
  const named = namedIssues(call, refusal)
  if (named.byPlace.size > 0) {
    await quarantineNamed(context, call, named.byPlace)
    return 'continue'
  }
  const frame = named.others.map(({ path }) => path)
  if (frame.length > 0 && frame.every((path) => path === '/lastKnownServerCursor') && call.cursor !== '') {
    return resetCursor(context, call)
  }
  if (frame.length > 0 && frame.every((path) => path.startsWith('/report')) && !memory.reportDropped) {
    memory.reportDropped = true
    await giveUp(context, call, (_, transaction) => clearReport(transaction))
    return 'continue'
  }
  return failed(refusal)
}

async function quarantineNamed(
  context: EngineContext,
  call: Call,
  byPlace: NamedIssues['byPlace'],
): Promise<void> {
  const parked: Quarantined[] = []
  await giveUp(context, call, async (changeset) => {
    parked.push(...(await quarantine(changeset, byPlace, context.clock.now())))
  })
  for (const conflict of parked) context.emit({ kind: 'quarantined', conflict, issues: conflict.issues })
}

async function onTooLarge(context: EngineContext, call: Call, refusal: Refusal): Promise<Refused> {
  const [only, ...others] = call.entries
  if (only === undefined) return failed(refusal)
  if (others.length === 0) {
    await quarantineNamed(context, call, new Map([[only.key, [TOO_LARGE]]]))
    return 'continue'
  }
  await giveUp(context, call, (_, transaction) => shrinkBatches(transaction, call, refusal))
  return 'continue'
}

async function resetCursor(context: EngineContext, call: Call): Promise<Refused> {
  await giveUp(context, call, (changeset, transaction) => startFullPull(changeset, transaction, 'cursor'))
  context.emit({ kind: 'cursorReset' })
  return 'continue'
}

// A server that requires ever new actions is called again later, not for ever in this run.
const MOST_RENEWALS = 6

/** These change how the next call proves the credential, and not whose it is. */
const SAME_CREDENTIAL: ReadonlySet<string> = new Set(['retry_with_nonce', 'new_proof', 'sync_clock'])

/** Carries out what the refusal requires, each action once in a run (ENG-28). */
async function renew(options: SyncRunOptions, memory: SyncRunState, refusal: Refusal): Promise<Refused> {
  const { credentials, signal } = options
  const action = authAction(refusal)
  if (action === AUTH_ACTIONS.wipe) return (await beginWipe(options)) ?? authRequired(refusal, action)
  const isSpent = memory.renewed.has(action) || memory.renewed.size >= MOST_RENEWALS
  if (isSpent || !credentials) return authRequired(refusal, action)
  memory.renewed.add(action)
  try {
    if (!(await untilAborted(credentials.renew(action), signal))) return authRequired(refusal, action)
  } catch (error) {
    return renewalFailed(memory, withoutAnswer(error, signal))
  }
  // Another credential may be of another device or workspace.
  memory.needsSession ||= !SAME_CREDENTIAL.has(action)
  return 'continue'
}

/** Renewing calls servers too: where none was reached, no credential was refused. */
function renewalFailed({ progressed }: SyncRunState, failure: Failure): SyncOutcome {
  if (failure.kind === 'refusal') return authRequired(failure.refusal, authAction(failure.refusal))
  if (failure.kind === 'redirected') return redirectedEnd(failure)
  const { problem: reason, retryAfterMs } = failure
  return { event: 'deferred', reason, retryAfterMs, progressed }
}

/** Another device's credential waits for the right one; a role that may not send may still read. */
async function onForbidden(
  context: EngineContext,
  memory: SyncRunState,
  call: Call,
  refusal: Refusal,
): Promise<Refused> {
  const why = refusal.details['reason']
  if (why === 'device_mismatch' || why === 'credential_mismatch') return authRequired(refusal, null)
  if (call.entries.length === 0) return failed(refusal)
  await giveUp(context, call)
  memory.forbidden = failed(refusal)
  memory.pull = true
  return 'continue'
}
