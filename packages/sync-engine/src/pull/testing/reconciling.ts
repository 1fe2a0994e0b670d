import type { Observation, Recommendation, SyncConflict } from '@fieldsync/contracts'
import { sha256 } from '@fieldsync/testkit'

import type { LocalRecord, OutboxEntry, SentEntry } from '../../core/local-record.ts'
import { nameOf, START } from '../../testing/documents.ts'
import { testContext } from '../../testing/test-context.ts'
import { reconcileRecord } from '../reconcile-records.ts'

/** A conflict of an answer about an observation, with what the server has of it. */
export const conflictWith = (record: Observation | null, code: string, conflictId = 'cnf_1'): SyncConflict =>
  ({
    entityType: 'observation',
    entityId: record?.observationId ?? 'obs_20260211_0001',
    code,
    message: 'no',
    conflictId,
    resolution: 'accept_server',
    ...(record && { server: { updatedAt: record.updatedAt, record } }),
  }) as unknown as SyncConflict

export type Reconciled = {
  server?: Observation | Recommendation | null
  writes: (Observation | Recommendation)[]
  conflicts?: SyncConflict[]
  /** Written while the batch was on its way. */
  since?: (Observation | Recommendation)[]
  otherwise?: Observation
  before?: Partial<LocalRecord<'observation'>>
  /** What was really sent of the last write. */
  sent?: Pick<SentEntry, 'known' | 'sent'>
  entry?: Partial<OutboxEntry>
  /** What of the conflicts’ winners came beside what this build knows. */
  more?: object[]
}

/** An answer about the writes of one record, of which the first `writes` were sent. */
export async function reconciling({
  server = null,
  writes,
  conflicts = [],
  since = [],
  otherwise,
  before = {},
  sent,
  entry = {},
  more = [],
}: Reconciled) {
  const world = await testContext()
  const { type, id } = nameOf(writes[0] as Observation) as { type: 'observation'; id: string }
  const keys = await world.queue(...[...writes, ...since].map((document) => ({ document, ...entry })))
  const outcome = await world.change(async (changeset) => {
    await changeset.read(type, id)
    if (server) changeset.putServer(type, id, server as Observation)
    changeset.put({ ...changeset.record(type, id), ...before })
    const queued = await changeset.entries(keys.slice(0, writes.length))
    const all = queued.map((each, i): SentEntry => {
      const { document } = each.entry
      return { ...each, known: document, sent: document, ...(i === writes.length - 1 && sent) }
    })
    const decided = {
      type,
      id,
      writes: all,
      conflicts: conflicts.map((conflict, i) => ({
        conflict,
        winner: conflict.server && { ...conflict.server.record, ...more[i] },
      })),
      otherwise: otherwise && changeset.versionOf(type, id, otherwise, otherwise),
    }
    return reconcileRecord(changeset, decided, START, sha256)
  })
  const record = world.tables().records.get(`${type}/${id}`)
  return { ...outcome, record, keys, left: [...world.tables().outbox.keys()].map((key) => keys.indexOf(key)) }
}
