import type { PlaybookPatch } from '@fieldsync/contracts'
import { mayWriteFor } from '@fieldsync/domain'

import type { Ledger } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { WrittenName } from '../core/engine-events.ts'
import { type FullPull, readKept, writeKept } from '../core/engine-meta.ts'
import { type LocalRecord, recordKey } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/ports/local-store.ts'
import { noteHealed } from './drift-recovery.ts'
import { keepAbsent, type Missing } from './local-only.ts'
import { enqueueKnown, enqueueOffer, mayBeOffered } from './resend-lost.ts'

const PAGE = 500

/** What a look through some records came to: what goes out again, and what stays on this device alone. */
export type Swept = Missing & { offered: WrittenName[] }

/**
 * Starts over from the beginning of the log. Everything stays on the device meanwhile; each page confirms what it
 * brings, and what no page has confirmed is looked through at the end (ENG-15).
 */
export async function startFullPull(
  ledger: Ledger,
  transaction: WriteTransaction,
  reason: FullPull['reason'],
): Promise<void> {
  const [running] = await readKept(transaction, ['fullPull'])
  ledger.position = { ...ledger.position, cursor: '', generation: ledger.position.generation + 1 }
  await writeKept(transaction, 'fullPull', {
    // A reset that was under way goes on as one: what it leaves different is not a drift that did not heal.
    reason: running?.reason === 'cursor' ? 'cursor' : reason,
    step: 'pages',
    swept: '',
    serverHash: null,
  })
  // The pages show which version the server has.
  await writeKept(transaction, 'openOutcomes', undefined)
}

/**
 * Looks through some of the records at the end of a full pull: the server no longer has what no page confirmed, and all
 * its tombstones came with the pages (DWN-6). What this device wrote and had acknowledged lately goes out again; the
 * rest stays here, marked as only on this device (ENG-41).
 */
export async function sweepSome(
  context: EngineContext,
  ledger: Ledger,
  transaction: WriteTransaction,
  fullPull: FullPull,
): Promise<Swept> {
  const rows = await transaction.list('records', { after: fullPull.swept, limit: PAGE })
  await ledger.load(rows.map(([, { type, id }]) => ({ type, id })))
  const now = context.clock.now()
  const swept: Swept = { offered: [], localOnly: [], corrections: [] }
  for (const [, { type, id }] of rows) {
    const record = ledger.record(type, id)
    // No page ever confirms a patch: they have their turn at the end.
    if (record.server === null || isConfirmed(ledger, record) || type === 'playbookPatch') continue
    ledger.putServer(type, id, null)
    const resent = type !== 'playbook' && mayBeOffered(context, record, now)
    if (resent) {
      enqueueOffer(ledger, record, now)
      swept.offered.push({ type, id })
    }
    // Of another's observation the server refuses a first write (OBS-2): whatever becomes of it, it stays.
    const isTaken = !(type === 'observation' && isOfAnother(context, record))
    keepAbsent(ledger, record, { resent, marked: !resent || !isTaken }, swept)
  }
  const last = rows.at(-1)
  if (last) {
    await writeKept(transaction, 'fullPull', { ...fullPull, swept: last[0] })
  } else {
    // After a drift, too: a server that is restored before the first page is asked with no cursor to refuse.
    await offerPatches(context, ledger, now, swept)
    // The server may know an offer after all, and then answers for it as for one that was sent before.
    ledger.queue.unsettledBefore = ledger.queue.nextSequence
    await writeKept(transaction, 'fullPull', undefined)
    await noteHealed(context, ledger, transaction, fullPull)
  }
  return swept
}

const isOfAnother = ({ actor }: EngineContext, { server }: LocalRecord): boolean =>
  server !== null && 'rawNoteText' in server && !mayWriteFor(actor, server.deviceId)

const isConfirmed = (ledger: Ledger, { generation }: LocalRecord): boolean =>
  generation === ledger.position.generation

/**
 * Offers the patches that were acknowledged lately, each playbook's by their versions: a patch that the server still has
 * is known there by its id, and one that it lost makes its version again. An older one stays on this device where the
 * server has not come as far as its version; where it has, that may be a version of another history, and the server is
 * asked for the patch (ENG-62).
 */
async function offerPatches(
  context: EngineContext,
  ledger: Ledger,
  now: number,
  swept: Swept,
): Promise<void> {
  const rows = await ledger.transaction.list('records', { prefix: recordKey('playbookPatch', '') })
  // Rows under this prefix are patches.
  const known = rows.map(([, record]) => record as LocalRecord<'playbookPatch'>)
  await ledger.load(
    known.flatMap(({ type, id, server, local }) =>
      [server, local].flatMap((patch) =>
        patch ? [{ type, id }, { type: 'playbook', id: patch.playbookId } as const] : [],
      ),
    ),
  )
  for (const { id, queued } of known) if (queued.length > 0) await takeQuestionsBack(ledger, id, queued)
  const patches = known
    .map(({ id }) => ledger.record('playbookPatch', id))
    .filter(({ server }) => server !== null)
    .sort((a, b) => (a.server?.baseVersion ?? 0) - (b.server?.baseVersion ?? 0))
  for (const record of patches) {
    const { type, id } = record
    const resent = mayBeOffered(context, record, now)
    ledger.putServer(type, id, null)
    if (resent) {
      enqueueOffer(ledger, record, now)
      swept.offered.push({ type, id })
    } else if (isVersionGone(ledger, record)) {
      keepAbsent(ledger, record, { resent, marked: true }, swept)
    } else enqueueKnown(ledger, record, record.server, now, { asks: true })
  }
}

/** Drops questions to a server that was restored once more and might apply them now; the sweep decides again. */
async function takeQuestionsBack(ledger: Ledger, id: string, queued: readonly string[]): Promise<void> {
  for (const { key, entry } of await ledger.entries(queued)) {
    // A patch's queue lists the patch alone.
    if (!entry.asks || ledger.record('playbookPatch', id).inFlight > 0) continue
    ledger.dequeue(key, entry)
    ledger.put({ ...ledger.record('playbookPatch', id), local: null })
    ledger.putServer('playbookPatch', id, entry.document as PlaybookPatch)
  }
}

/** The server has not come as far as the version that the patch made. */
function isVersionGone(ledger: Ledger, { server: patch }: LocalRecord<'playbookPatch'>): boolean {
  if (patch === null) return false
  const { server } = ledger.record('playbook', patch.playbookId)
  return patch.baseVersion >= (server?.version ?? 0)
}
