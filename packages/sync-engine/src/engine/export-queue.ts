import { DeviceId, type Instant } from '@fieldsync/contracts'

import { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { foreignStore, readOwner } from '../core/foreign-store.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { EntityDocuments, EntityType, LocalRecord, OutboxEntry } from '../core/local-record.ts'
import type { ReadTransaction } from '../core/local-store.ts'
import { instantOf } from '../core/observation-draft.ts'
import { recordPages } from '../core/record-pages.ts'
import { isOwn } from '../recover/resend-local-only.ts'

/** A record, or a version of one, that only this device still has (ENG-41). */
export type ExportedRecord<T extends EntityType = EntityType> = {
  type: T
  id: string
  /** The version that the server no longer has. */
  document: EntityDocuments[T]
  /** What the server has of the record; null where it has none of it. */
  server: EntityDocuments[T] | null
  /** Whether this device may send it again by itself (ENG-43). */
  own: boolean
  /** Corrections before this version that the server has lost (ENG-44). */
  lostCorrections: number
}

/** Everything on the device that the server does not have, for people who have to rescue it. JSON as it is (ENG-45). */
export type ExportedQueue = {
  format: 'fieldsync.export'
  version: 1
  exportedAt: Instant
  /** The device that the store belongs to; the one that exports it where the owner names none. */
  deviceId: DeviceId
  /** Whom the store belongs to; null before its first use. */
  owner: string | null
  /** Writes that wait, in their order. */
  entries: OutboxEntry[]
  /** What waits for a person. */
  conflicts: LocalConflict[]
  localOnly: ExportedRecord[]
}

/**
 * Reads what only this device has in one consistent view, the queue in its order (ENG-12, ENG-45). Where the device's own
 * server has become another workspace, that is every record: what it has of them nobody knows (ENG-61). Nothing where the device is wiped (ENG-80).
 */
export async function exportQueue(
  context: EngineContext,
  transaction: ReadTransaction,
): Promise<ExportedQueue> {
  const changeset = await Changeset.open(transaction, context.sha256)
  if (changeset.wipe) return emptyExport(context)
  const isAllAtRisk = foreignStore(context, changeset.position, changeset.contact)?.hidden === false
  const localOnly: ExportedRecord[] = []
  if (isAllAtRisk || changeset.queue.localOnly > 0) {
    for await (const page of recordPages(transaction)) {
      for (const [, each] of page) {
        const record = isAllAtRisk ? withoutServer(each) : each
        if (record.localOnly) localOnly.push(exported(record, await isOwn(context, changeset, record)))
      }
    }
  }
  const { owner } = changeset.position
  const ownDevice = owner === null ? undefined : DeviceId.safeParse(readOwner(owner).deviceId).data
  return {
    ...emptyExport(context),
    deviceId: ownDevice ?? context.deviceId,
    owner,
    entries: (await transaction.list('outbox')).map(([, entry]) => entry),
    conflicts: (await transaction.list('conflicts')).map(([, conflict]) => conflict),
    localOnly,
  }
}

/** The same of a store that has nothing for this engine. */
export const emptyExport = ({ clock, deviceId }: EngineContext): ExportedQueue => ({
  format: 'fieldsync.export',
  version: 1,
  exportedAt: instantOf(clock.now()),
  deviceId,
  owner: null,
  entries: [],
  conflicts: [],
  localOnly: [],
})

/** A record as if the server had none of it. */
const withoutServer = ({ server, ...record }: LocalRecord): LocalRecord => {
  const document = record.localOnly ?? server
  return { ...record, server: null, ...(document && { localOnly: document }) }
}

const exported = (
  { type, id, localOnly, server, lostCorrections = 0 }: LocalRecord,
  own: boolean,
): ExportedRecord => ({
  type,
  id,
  document: localOnly as EntityDocuments[EntityType],
  server,
  own,
  lostCorrections,
})
