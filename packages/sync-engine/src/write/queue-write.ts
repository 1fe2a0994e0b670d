import type { Changeset } from '../core/changeset.ts'
import type { EntityDocuments, LocalRecord, OutboxEntry, WritableType } from '../core/local-record.ts'
import { shownDocument } from '../core/shown-document.ts'

type Saved = Extract<WritableType, 'observation' | 'recommendation'>

/**
 * What a new write of the record comes on top of when it is queued: the latest queued version that stays as it is, else
 * the server's. `replaces` is the place of an unsent version that the new one makes superfluous (ENG-4).
 */
export async function basis<T extends Saved>(
  changeset: Changeset,
  record: LocalRecord<T>,
): Promise<{ current: EntityDocuments[T] | null; replaces: string | null }> {
  // Entries of a record are of its type.
  const queued = (await changeset.entries(record.queued.slice(-2))) as {
    key: string
    entry: OutboxEntry<T>
  }[]
  const last = queued.at(-1)
  if (last === undefined) return { current: record.server, replaces: null }
  const unsent = record.queued.length > record.inFlight
  const below = unsent && isPlain(last.entry.document) ? queued.at(-2) : last
  return {
    current: below ? below.entry.document : record.server,
    replaces: below === last ? null : last.key,
  }
}

/** Queues a write, in the place of the one it replaces or at the end. */
export function queueWrite(changeset: Changeset, entry: OutboxEntry, replaces: string | null): void {
  if (replaces === null) changeset.enqueue(entry)
  else changeset.replaceEntry(replaces, entry)
}

/** True if nobody but this device can ever have to know this version: a draft, without the reason of a correction. */
function isPlain(document: EntityDocuments[Saved]): boolean {
  if ('recommendationId' in document) return document.status === 'pending_confirmation'
  return document.status === 'draft' && document.correction === undefined
}

/** What a person sees of a record, and edits. */
export const shown = <T extends WritableType>(record: LocalRecord<T>): EntityDocuments[T] | null =>
  shownDocument(record)
