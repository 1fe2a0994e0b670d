import type { Changeset } from '../core/changeset.ts'
import { type EngineContext, transactUnowned } from '../core/engine-context.ts'
import { type Contact, queueNumbers, readMeta, writeMeta } from '../core/engine-meta.ts'
import {
  decideOwnership,
  describeForeign,
  type ForeignStore,
  foreignStore,
  ownerName,
  type Ownership,
  readForeignStore,
  readOwner,
} from '../core/foreign-store.ts'
import { discardInFlightBatch } from '../core/in-flight-batch.ts'
import type { LocalRecord } from '../core/local-record.ts'
import type { ReadTransaction, WriteTransaction } from '../core/local-store.ts'
import type { BatchAnswer, Transport } from '../core/ports.ts'
import { recordPages } from '../core/record-pages.ts'
import { refused, type RefusedWrite } from '../core/save-outcome.ts'
import type { Refusal } from '../push/read-answer.ts'
import { type ReadSession, readSession, type ServerSession } from '../push/read-session.ts'
import { type Failure, isTemporary, retryAfterOf, unanswered, withoutAnswer } from '../push/send-call.ts'
import { backoff, sleep, untilAborted } from '../push/wait.ts'
import { startFullPull } from '../recover/full-pull.ts'
import { redirectedEnd, type SyncOutcome, type SyncRunOptions } from './sync-run.ts'

type SessionRequest = Pick<SyncRunOptions, 'context' | 'transport' | 'random' | 'signal' | 'onRetryAfter'>

/**
 * What the first contact with a server came to: the store is this workspace's, or has to prove it by its cursor, or the sync
 * ends. A refusal is left to the caller, who knows what renewing a credential takes.
 */
type SessionOutcome =
  | { kind: 'own' }
  | { kind: 'prove' }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'end'; end: SyncOutcome }

/**
 * Asks who the server is and what it speaks, before anything of the store is sent, and decides whose the store is (ENG-22,
 * ENG-31).
 * @throws the signal's reason when it aborts
 */
export async function openSession(request: SessionRequest): Promise<SessionOutcome> {
  const { context } = request
  const [other, queue, position] = await context.store.read(async (transaction) => [
    await readForeignStore(transaction, context),
    ...(await readMeta(transaction, ['queue', 'position'])),
  ])
  // The status shows what is unsent, whatever comes of this.
  if (queue && position) context.stored(queueNumbers(queue), position)
  // Whoever the server is: another device's store is not this one's.
  if (other?.reason === 'other_device') return foreignEnd(context, other)
  const answer = await requestSession(request)
  if (answer.kind === 'redirected') return { kind: 'end', end: redirectedEnd(answer) }
  if (answer.kind === 'unanswered') {
    const { problem: reason, retryAfterMs } = answer
    return { kind: 'end', end: { event: 'deferred', reason, retryAfterMs } }
  }
  if (answer.kind === 'refusal') return { kind: 'refused', refusal: answer.refusal }
  const { session } = answer
  if (session.deviceId !== null && session.deviceId !== context.deviceId) {
    const reason = `The credential is of ${session.deviceId}, and this device is ${context.deviceId}.`
    return { kind: 'end', end: { event: 'auth_required', action: null, reason } }
  }
  context.disownedBy = null
  const { ownership, foreign } = await takeOver(context, session)
  context.disownedBy = foreign?.reached ?? null
  if (foreign) return foreignEnd(context, foreign)
  context.ownership(null)
  context.session.isDue = ownership === 'prove'
  return { kind: ownership === 'prove' ? 'prove' : 'own' }
}

function foreignEnd(context: EngineContext, foreign: ForeignStore): SessionOutcome {
  context.ownership(foreign)
  return { kind: 'end', end: { event: 'failed', code: null, reason: describeForeign(foreign) } }
}

/** Stores what the session said, and claims the store where that is decided. */
const takeOver = (context: EngineContext, session: ServerSession) =>
  transactUnowned(context, async (changeset, transaction) => {
    const { position, contact: last } = changeset
    const owner = readOwner(position.owner ?? context.deviceId)
    const { address } = context
    const holdsServerData = position.cursor === '' && (await hasServerData(transaction))
    const { workspaceUid, workspaceName, contract } = session
    const known = { owner, cursor: position.cursor, holdsServerData, last }
    const ownership: Ownership = decideOwnership(known, { address, workspaceUid })
    const contact: Contact = {
      address,
      contract,
      workspaceUid,
      workspaceName,
      isForeign: ownership === 'foreign',
      home: ownership === 'own' || ownership === 'claim' ? address : (last?.home ?? null),
    }
    if (ownership === 'claim') position.owner = ownerName({ ...owner, workspaceUid })
    else position.owner = ownerName(owner)
    if (JSON.stringify(contact) !== JSON.stringify(last)) await writeMeta(transaction, 'contact', contact)
    return { ownership, foreign: foreignStore(context, position, contact) }
  })

/** The server took the store's cursor: no other workspace would have (CUR-5), so the store is this one's. */
export async function claimProven(changeset: Changeset, transaction: WriteTransaction): Promise<void> {
  const { contact, serverContract: contract } = changeset
  const { owner } = changeset.position
  if (!contact || owner === null) return
  const { workspaceUid } = contact
  if (workspaceUid !== null) changeset.position.owner = ownerName({ ...readOwner(owner), workspaceUid })
  await writeMeta(transaction, 'contact', { ...contact, contract, home: contact.address })
}

/** The server refused the cursor of a store of which it is not known that it is this workspace's: a person decides. */
export async function disown(context: EngineContext): Promise<SyncOutcome> {
  const foreign = await transactUnowned(context, async ({ position, contact }, transaction) => {
    if (!contact) return null
    const disowned = { ...contact, isForeign: true }
    await writeMeta(transaction, 'contact', disowned)
    return foreignStore(context, position, disowned)
  })
  context.disownedBy = foreign?.reached ?? null
  context.ownership(foreign)
  const reason = foreign ? describeForeign(foreign) : 'The server does not recognize this store.'
  return { event: 'failed', code: null, reason }
}

const isFromServer = ({ server, acknowledgedAt, localOnly }: LocalRecord): boolean =>
  server !== null || acknowledgedAt !== null || localOnly !== undefined

/** Whether anything in the store came from a server. */
async function hasServerData(transaction: ReadTransaction): Promise<boolean> {
  for await (const page of recordPages(transaction)) {
    if (page.some(([, record]) => isFromServer(record))) return true
  }
  const conflicts = await transaction.list('conflicts')
  return conflicts.some(([, { kind }]) => kind === 'server')
}

type SessionAnswer = Exclude<ReadSession, { kind: 'broken' }> | Failure

/** As a batch is sent: again while that may help, with growing waits (ENG-6). */
async function requestSession({
  context,
  transport,
  random,
  signal,
  onRetryAfter,
}: SessionRequest): Promise<SessionAnswer> {
  const { attempts, firstBackoff, longestBackoff } = context.settings
  for (let attempt = 0; ; attempt++) {
    const answer = await askOnce(transport, signal)
    if (answer.kind !== 'unanswered') return answer
    const wait = answer.retryAfterMs ?? 0
    if (wait > 0) onRetryAfter(wait, answer.problem)
    if (attempt + 1 >= attempts || wait > longestBackoff) return answer
    await sleep(context.clock, wait + backoff(random, attempt, firstBackoff, longestBackoff), signal)
  }
}

async function askOnce(transport: Transport, signal: AbortSignal): Promise<SessionAnswer> {
  let answer: BatchAnswer
  try {
    answer = await untilAborted(transport.session({ signal }), signal)
  } catch (error) {
    return withoutAnswer(error, signal)
  }
  const read = readSession(answer)
  if (read.kind === 'broken') return unanswered(read.problem, 'transfer', retryAfterOf(answer))
  if (read.kind === 'session' || !isTemporary(read.refusal)) return read
  return unanswered(read.refusal.message, 'busy', retryAfterOf(answer))
}

/**
 * A person has decided that the store is to be the workspace's that was reached: its queue goes there from now on, behind a
 * full pull (ENG-35). Not for the store of another device, whose records this one may not send in its own name.
 */
export const adoptStore = (context: EngineContext): Promise<{ ok: true } | RefusedWrite> =>
  transactUnowned(context, async (changeset, transaction) => {
    const { position, contact } = changeset
    const foreign = foreignStore(context, position, contact)
    if (foreign?.reason === 'other_device') {
      return refused(
        '',
        `is the store of ${foreign.owner.deviceId}: only its own credential sends it`,
        'other_store',
      )
    }
    if (!foreign?.reached || !contact) return refused('', 'is this device’s own store', 'other_store')
    const { address, deviceId } = context
    const { workspaceUid } = foreign.reached
    position.owner = ownerName({ deviceId, workspaceUid })
    await writeMeta(transaction, 'contact', {
      ...contact,
      ...foreign.reached,
      address,
      isForeign: false,
      home: address,
    })
    const [batch] = await readMeta(transaction, ['snapshot'])
    if (batch) await discardInFlightBatch(changeset, transaction, batch)
    // What the former server takes at most says nothing about this one.
    await writeMeta(transaction, 'limits', undefined)
    await startFullPull(changeset, transaction, 'cursor')
    context.disownedBy = null
    context.ownership(null)
    return { ok: true }
  })
