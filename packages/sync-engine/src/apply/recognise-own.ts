import { canonicalText } from '@fieldsync/domain'

import type { Ledger } from '../ledger/ledger.ts'
import { isBlocked } from '../model/blank-record.ts'
import type { EntityType } from '../model/local-record.ts'
import { sequenceKey } from '../ports/local-store.ts'

/**
 * Finds in what came down a write of this device whose answer was lost for good (ENG-29): the server has exactly that, so
 * it took it and all that was queued before it on the record. Sent again, the earlier ones would be refused.
 *
 * @returns whether something was recognised
 */
export async function recogniseOwn(
  ledger: Ledger,
  type: 'observation' | 'recommendation',
  id: string,
  now: number,
): Promise<boolean> {
  const before = ledger.record<EntityType>(type, id)
  const { queued, server } = before
  const settled = sequenceKey(ledger.queue.unsettledBefore)
  const [first] = queued
  if (server === null || first === undefined || first >= settled || isBlocked(before)) return false
  const entries = await ledger.entries(queued)
  const text = canonicalText(server)
  const last = entries.findLastIndex(
    ({ key, entry }) => key < settled && canonicalText(entry.document) === text,
  )
  for (const { key, entry } of entries.slice(0, last + 1)) ledger.dequeue(key, entry)
  if (last < 0) return false
  const record = ledger.record<EntityType>(type, id)
  ledger.put({ ...record, local: record.queued.length > 0 ? record.local : null, acknowledgedAt: now })
  return true
}
