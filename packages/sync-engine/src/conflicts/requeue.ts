import type { Observation } from '@fieldsync/contracts'

import type { Ledger } from '../ledger/ledger.ts'
import type { EntityType } from '../model/local-record.ts'
import type { OutboxEntry } from '../model/outbox-entry.ts'

/** What becomes of a write that was queued behind the one that comes back. */
export type Follow = (entry: OutboxEntry) => OutboxEntry

/**
 * Queues a resolved write before those of the same record that were made after it. All move to the end of the outbox;
 * what rests on the record is held back until they are through. Its records must be loaded.
 *
 * @param follow changes the later writes along with it; they may get another id
 */
export async function requeue(
  ledger: Ledger,
  from: { type: 'observation' | 'recommendation'; id: string },
  first: OutboxEntry,
  follow: Follow = (entry) => entry,
): Promise<void> {
  const later = await ledger.entries(ledger.record<EntityType>(from.type, from.id).queued)
  for (const { key, entry } of later) ledger.dequeue(key, entry)
  ledger.enqueue(first)
  for (const { entry } of later) ledger.enqueue(follow(entry))
}

/**
 * Later corrections supersede the version that was written before them, by its checksum; when that one changes, so does
 * what they name (OBS-10).
 */
export function relinked(
  entry: OutboxEntry,
  before: Pick<Observation, 'deterministicChecksum'>,
  after: Pick<Observation, 'deterministicChecksum'>,
): OutboxEntry {
  const { document } = entry
  if (!('rawNoteText' in document) || !document.correction) return entry
  if (document.correction.supersedes !== before.deterministicChecksum) return entry
  const correction = { ...document.correction, supersedes: after.deterministicChecksum }
  return { ...entry, document: { ...document, correction } }
}
