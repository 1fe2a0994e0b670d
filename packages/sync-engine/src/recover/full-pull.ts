import type { PlaybookPatch } from '@fieldsync/contracts'
import { combineDigests, mayWriteFor } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { WrittenName } from '../core/engine-events.ts'
import { type FullPull, readMeta, writeMeta } from '../core/engine-meta.ts'
import { type LocalRecord, recordKey } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { keepAbsent, type Missing } from './local-only.ts'
import { enqueueKnown, enqueueResend, mayBeResent } from './resend-lost.ts'

const PAGE = 500

/** What a look through some records came to: what goes out again, and what stays on this device alone. */
export type Swept = Missing & { resent: WrittenName[] }

/**
 * Starts over from the beginning of the log. Everything stays on the device meanwhile; each page confirms what it
 * brings, and what no page has confirmed is looked through at the end (ENG-15).
 */
export async function startFullPull(
  changeset: Changeset,
  transaction: WriteTransaction,
  reason: FullPull['reason'],
): Promise<void> {
  const [running] = await readMeta(transaction, ['fullPull'])
  changeset.position = { ...changeset.position, cursor: '', generation: changeset.position.generation + 1 }
  await writeMeta(transaction, 'fullPull', {
    // A reset that was under way goes on as one: what it leaves different is not a drift that did not heal.
    reason: running?.reason === 'cursor' ? 'cursor' : reason,
    step: 'pages',
    swept: '',
    serverHash: null,
  })
  // The pages show which version the server has.
  await writeMeta(transaction, 'openOutcomes', undefined)
}

/**
 * Looks through some of the records at the end of a full pull: the server no longer has what no page confirmed, and all
 * its tombstones came with the pages (DWN-6). What this device wrote and had acknowledged lately goes out again; the
 * rest stays here, marked as only on this device (ENG-41).
 */
export async function sweepSome(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  fullPull: FullPull,
): Promise<Swept> {
  const rows = await transaction.list('records', { after: fullPull.swept, limit: PAGE })
  await changeset.load(rows.map(([, { type, id }]) => ({ type, id })))
  const now = context.clock.now()
  const swept: Swept = { resent: [], localOnly: [], corrections: [] }
  for (const [, { type, id }] of rows) {
    const record = changeset.record(type, id)
    // No page ever confirms a patch: they have their turn at the end.
    if (record.server === null || isConfirmed(changeset, record) || type === 'playbookPatch') continue
    changeset.putServer(type, id, null)
    const resent = type !== 'playbook' && mayBeResent(context, record, now)
    if (resent) {
      enqueueResend(changeset, record, now)
      swept.resent.push({ type, id })
    }
    // Of another's observation the server refuses a first write (OBS-2): whatever becomes of it, it stays.
    const marked = !resent || isOfAnother(context, record.server)
    keepAbsent(changeset, record, { resent, marked }, swept)
  }
  const last = rows.at(-1)
  if (last) {
    await writeMeta(transaction, 'fullPull', { ...fullPull, swept: last[0] })
  } else {
    // After a drift, too: a server that is restored before the first page is asked with no cursor to refuse.
    await resendPatches(context, changeset, now, swept)
    // The server may know what is resent after all, and then answers for it as for one that was sent before.
    changeset.queue.unsettledBefore = changeset.queue.nextSequence
    await writeMeta(transaction, 'fullPull', undefined)
    await recordDriftRecovery(context, changeset, transaction, fullPull)
  }
  return swept
}

const isOfAnother = ({ actor }: EngineContext, known: NonNullable<LocalRecord['server']>): boolean =>
  'rawNoteText' in known && !mayWriteFor(actor, known.deviceId)

const isConfirmed = (changeset: Changeset, { generation }: LocalRecord): boolean =>
  generation === changeset.position.generation

/**
 * Offers the patches that were acknowledged lately, each playbook's by their versions: a patch that the server still has
 * is known there by its id, and one that it lost makes its version again. An older one stays on this device where the
 * server has not come as far as its version; where it has, that may be a version of another history, and the server is
 * asked for the patch (ENG-62).
 */
async function resendPatches(
  context: EngineContext,
  changeset: Changeset,
  now: number,
  swept: Swept,
): Promise<void> {
  const rows = await changeset.transaction.list('records', { prefix: recordKey('playbookPatch', '') })
  // Rows under this prefix are patches.
  const known = rows.map(([, record]) => record as LocalRecord<'playbookPatch'>)
  const playbooks = known.flatMap(({ server, local }) => (server ?? local)?.playbookId ?? [])
  await changeset.load([...known, ...playbooks.map((id) => ({ type: 'playbook', id }) as const)])
  for (const { id, queued } of known) await takeQuestionsBack(changeset, id, queued)
  const patches = known
    .flatMap(({ id }) => {
      const record = changeset.record('playbookPatch', id)
      return record.server === null ? [] : [{ record, patch: record.server }]
    })
    .sort((a, b) => a.patch.baseVersion - b.patch.baseVersion)
  for (const { record, patch } of patches) {
    const { type, id } = record
    const resent = mayBeResent(context, record, now)
    changeset.putServer(type, id, null)
    if (resent) {
      enqueueResend(changeset, record, now)
      swept.resent.push({ type, id })
    } else if (isVersionGone(changeset, patch)) {
      keepAbsent(changeset, record, { resent, marked: true }, swept)
    } else enqueueKnown(changeset, record, patch, now, { asks: true })
  }
}

/** Drops questions to a server that was restored once more and might apply them now; the sweep decides again. */
async function takeQuestionsBack(changeset: Changeset, id: string, queued: readonly string[]): Promise<void> {
  for (const { key, entry } of await changeset.entries(queued)) {
    // A patch's queue lists the patch alone.
    if (!entry.asks || changeset.record('playbookPatch', id).inFlight > 0) continue
    changeset.dequeue(key, entry)
    changeset.put({ ...changeset.record('playbookPatch', id), local: null })
    changeset.putServer('playbookPatch', id, entry.document as PlaybookPatch)
  }
}

/** The server has not come as far as the version that the patch made. */
function isVersionGone(changeset: Changeset, { playbookId, baseVersion }: PlaybookPatch): boolean {
  const { server } = changeset.record('playbook', playbookId)
  return baseVersion >= (server?.version ?? 0)
}

/**
 * At the end of a full pull: remembers what it left different, where the copies had been found to differ. Equal copies are
 * remembered too, until the next comparison finds them so: what the device sends again now may bring the difference
 * back, and a difference that comes back waits like one that stayed (ENG-47).
 */
async function recordDriftRecovery(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  { serverHash, reason }: FullPull,
): Promise<void> {
  const { stateHash } = changeset.position
  if (serverHash === null || (reason === 'cursor' && serverHash === stateHash)) {
    await writeMeta(transaction, 'healing', undefined)
    return
  }
  // What differs after a reset is found by the next comparison, and reported.
  if (reason === 'cursor') return
  const [before] = await readMeta(transaction, ['healing'])
  const difference = combineDigests(serverHash, stateHash)
  const failures = Math.min(10, (before?.failures ?? 0) + 1)
  await writeMeta(transaction, 'healing', { at: context.clock.now(), failures, difference })
}
