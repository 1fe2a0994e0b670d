import type { Changeset } from '../core/changeset.ts'
import type { RecordName } from '../core/engine-events.ts'
import { type EntityType, type OutboxEntry, recordKey } from '../core/local-record.ts'
import { sequenceKey } from '../core/local-store.ts'
import { outgoing } from '../core/outgoing-document.ts'
import { utf8Length } from './call-sizes.ts'
import { type Hold, holdOf, type ResendRules, staysWithObservation } from './hold.ts'

/** An entry that goes into the next batch, with the text that goes out; `altered` where that is not all that was written. */
export type PickedEntry = { key: string; entry: OutboxEntry; text: string; altered: boolean }

type BatchLimits = { records: number; bytes: number }

const LARGEST_PAGE = 500
// Much may wait in front of a small batch.
const SMALLEST_PAGE = 50

/**
 * What of the outbox goes into the next batch: in its order, within the limits, and without what has to wait (ENG-5).
 * The first entry goes out whatever its size, since only the server knows whether it is too large.
 *
 * @param suspects the places of entries that wait, since the server failed on each
 * @param resend what is sent again waits by these rules (CUR-8)
 * @param ahead the last place of the batch in flight: only what may go ahead of its outcome is picked, from behind that on (ENG-87)
 * @returns `stayed`: recommendations that left the outbox, and are only on this device from now on (ENG-70)
 */
export async function pickEntries(
  changeset: Changeset,
  limits: BatchLimits,
  suspects: readonly string[],
  resend: ResendRules,
  ahead?: string,
): Promise<{ picked: PickedEntry[]; stayed: RecordName[] }> {
  const picked: PickedEntry[] = []
  const stayed: RecordName[] = []
  const hold = newHold(changeset, suspects, resend)
  let bytes = 0
  const limit = Math.max(SMALLEST_PAGE, Math.min(LARGEST_PAGE, limits.records))
  let after = ahead ?? ''
  for (;;) {
    const page = await changeset.transaction.list('outbox', { after, limit })
    await loadWhatTheyRestOn(changeset, page)
    for (const [key, entry] of page) {
      if (ahead !== undefined && !mayGoAhead(entry)) return { picked, stayed }
      if (staysWithObservation(changeset, resend, key, entry)) {
        stayed.push({ type: entry.type, id: entry.id })
        continue
      }
      if (holdOf(changeset, hold, key, entry)) continue
      if (ahead !== undefined && !isFirst(changeset, key, entry)) continue
      const each = pickedEntry(changeset, key, entry)
      if (ahead !== undefined && each.altered) return { picked, stayed }
      bytes += utf8Length(each.text) + 1
      if (picked.length > 0 && bytes > limits.bytes) return { picked, stayed }
      picked.push(each)
      hold.picked.set(recordKey(entry.type, entry.id), key)
      if (picked.length >= limits.records) return { picked, stayed }
    }
    const last = page.at(-1)
    if (last === undefined) return { picked, stayed }
    after = last[0]
  }
}

/**
 * What a server may decide on in more ways than these, and what has to be taken back as it was written where the batch is not
 * sent: it goes out in its turn.
 */
const mayGoAhead = ({ type, offer, asks }: OutboxEntry): boolean =>
  type !== 'playbookPatch' && offer !== true && asks !== true

/** Nothing of its record is in flight or is sent before it: the outcome of that would come first. */
const isFirst = (changeset: Changeset, key: string, { type, id }: OutboxEntry): boolean =>
  changeset.record<EntityType>(type, id).queued[0] === key

/** The entry as the server takes it; its record must be loaded. */
function pickedEntry(changeset: Changeset, key: string, entry: OutboxEntry): PickedEntry {
  const { sent } = outgoing(
    entry,
    changeset.record<EntityType>(entry.type, entry.id),
    changeset.serverContract,
  )
  return { key, entry, text: JSON.stringify(sent), altered: sent !== entry.document }
}

const newHold = (changeset: Changeset, suspects: readonly string[], resend: ResendRules): Hold => ({
  suspects,
  waiting: new Set(),
  picked: new Map(),
  unsettledBefore: sequenceKey(changeset.queue.unsettledBefore),
  resend,
})

/** One suspect, to be sent in a batch of its own; undefined if it is not queued any more, or has to wait. */
export async function pickAlone(
  changeset: Changeset,
  place: string,
  resend: ResendRules,
): Promise<PickedEntry | undefined> {
  const [queued] = await changeset.entries([place])
  if (!queued) return undefined
  const { key, entry } = queued
  await loadWhatTheyRestOn(changeset, [[key, entry]])
  if (holdOf(changeset, newHold(changeset, [], resend), key, entry)) return undefined
  return pickedEntry(changeset, key, entry)
}

async function loadWhatTheyRestOn(
  changeset: Changeset,
  page: readonly (readonly [string, OutboxEntry])[],
): Promise<void> {
  await changeset.load(
    page.flatMap(([, { type, id, document }]): { type: EntityType; id: string }[] => [
      { type, id },
      'patchId' in document
        ? { type: 'playbook', id: document.playbookId }
        : { type: 'observation', id: document.observationId },
    ]),
  )
}
