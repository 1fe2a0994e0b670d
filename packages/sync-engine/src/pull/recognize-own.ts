import { isSameJson } from '@fieldsync/domain'

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
  if (isBlocked(before)) return false
  const settled = sequenceKey(changeset.queue.unsettledBefore)
  const unsettled = (await changeset.entries(queued)).filter(({ key }) => key < settled)
  const last = unsettled.findLastIndex(({ entry }) =>
    // The server may have had it without what it lacked then (ENG-32).
    formsOf(type, entry.document).some((form) => isSameJson(form, server)),
  )
  const found = unsettled[last]
  if (!found) return false
  for (const { key, entry } of unsettled.slice(0, last + 1)) changeset.dequeue(key, entry)
  const { withheld: _before, ...record } = changeset.record<EntityType>(type, id)
  const withheld = isSameJson(found.entry.document, server)
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
