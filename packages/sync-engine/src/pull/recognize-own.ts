import { canonicalText } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import { type EntityType, isBlocked, type OutboxEntry } from '../core/local-record.ts'
import { sequenceKey } from '../core/local-store.ts'
import { formsOf, withheldOf } from '../core/outgoing-document.ts'

/**
 * Finds in what came down a write of this device whose answer was lost for good (ENG-29): the server has exactly that, so
 * it took it and all that was queued before it on the record. Sent again, the earlier ones would be refused.
 *
 * @returns whether something was recognized
 */
export async function recognizeOwn(
  changeset: Changeset,
  type: 'observation' | 'recommendation',
  id: string,
  now: number,
): Promise<boolean> {
  const before = changeset.record<EntityType>(type, id)
  const { queued, server } = before
  const settled = sequenceKey(changeset.queue.unsettledBefore)
  const [first] = queued
  if (server === null || first === undefined || first >= settled || isBlocked(before)) return false
  const entries = await changeset.entries(queued)
  const text = canonicalText(server)
  const last = entries.findLastIndex(
    // The server may have had it without what it lacked then (ENG-32).
    ({ key, entry }) =>
      key < settled && formsOf(type, entry.document).some((form) => canonicalText(form) === text),
  )
  const found = entries[last]
  for (const { key, entry } of entries.slice(0, last + 1)) changeset.dequeue(key, entry)
  if (!found) return false
  const { withheld: _before, ...record } = changeset.record<EntityType>(type, id)
  const withheld =
    canonicalText(found.entry.document) === text
      ? undefined
      : withheldOf(found.entry, server as OutboxEntry['document'])
  changeset.put({
    ...record,
    local: record.queued.length > 0 ? record.local : null,
    acknowledgedAt: now,
    ...(withheld && { withheld }),
  })
  return true
}
