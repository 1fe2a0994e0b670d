import type { Downstream } from '@fieldsync/contracts'
import { mayWriteFor } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { RecordName, WrittenName } from '../core/engine-events.ts'
import type { FullPull } from '../core/engine-meta.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import {
  type EntityType,
  isBlocked,
  type LocalRecord,
  positionOf,
  recordKey,
  type WritableType,
} from '../core/local-record.ts'
import { forgetDeleted } from '../recover/local-only.ts'
import { resendLost } from '../recover/resend-lost.ts'
import { recognizeOwn } from './recognize-own.ts'
import type { RawRecords } from './sent-entries.ts'
import { deletedUnder, supersededEdit } from './superseded-edit.ts'

export type Merged = {
  changed: RecordName[]
  deleted: RecordName[]
  parked: LocalConflict[]
  resent: WrittenName[]
  /** Own writes that the server turned out to have. */
  recognized: WrittenName[]
}

/**
 * Counts a record as acknowledged where the server has an observation that this device made and of which a first write
 * still waited here: the answer to that was lost, and others have changed the observation since. After a restore they wait
 * for this device to send it (CUR-8).
 *
 * @param before the record as it was before the answer
 */
export function acknowledgeTaken(
  { actor }: EngineContext,
  changeset: Changeset,
  { type, id, acknowledgedAt, server, queued }: LocalRecord,
  now: number,
): void {
  if (acknowledgedAt !== null || server !== null || queued.length === 0) return
  const record = changeset.record<EntityType>(type, id)
  if (record.server && 'rawNoteText' in record.server && mayWriteFor(actor, record.server.deviceId))
    changeset.put({ ...record, acknowledgedAt: record.acknowledgedAt ?? now })
}

/** Records that a downstream names; the ledger must have them loaded before it is merged. */
export const namedDownstream = ({
  observations,
  recommendations,
  playbooks,
  deleted,
}: Downstream): RecordName[] => [
  ...observations.map(({ observationId: id }) => ({ type: 'observation', id }) as const),
  ...recommendations.map(({ recommendationId: id }) => ({ type: 'recommendation', id }) as const),
  ...(playbooks ?? []).map(({ playbookId: id }) => ({ type: 'playbook', id }) as const),
  ...(deleted ?? []).map(({ entityType: type, entityId: id }) => ({ type, id })),
]

/**
 * Takes over what others changed: the server's side always, a pending edit never (ENG-8). Where the edit would lose
 * now, it is parked as a local conflict.
 */
export async function mergeDownstream(
  context: EngineContext,
  changeset: Changeset,
  downstream: Downstream,
  raw: RawRecords,
  fullPull: FullPull | undefined,
  now: number,
): Promise<Merged> {
  const merged: Merged = { changed: [], deleted: [], parked: [], resent: [], recognized: [] }
  const named = namedDownstream(downstream)
  // In one read, for the edits that are looked at below.
  await changeset.entries(named.flatMap(({ type, id }) => changeset.record<EntityType>(type, id).queued))
  for (const [i, document] of (downstream.playbooks ?? []).entries()) {
    changeset.putServer('playbook', document.playbookId, document, raw.playbooks[i])
    merged.changed.push({ type: 'playbook', id: document.playbookId })
  }
  for (const [i, document] of downstream.observations.entries()) {
    await replaceServer('observation', document.observationId, document, raw.observations[i])
  }
  for (const [i, document] of downstream.recommendations.entries()) {
    await replaceServer('recommendation', document.recommendationId, document, raw.recommendations[i])
  }
  const brought = new Set(merged.changed.map(({ type, id }) => recordKey(type, id)))
  for (const { entityType: type, entityId: id } of downstream.deleted ?? []) {
    // A page brings records as they are now: one that it brings was created again after it was deleted.
    if (brought.has(recordKey(type, id))) continue
    changeset.putServer<EntityType>(type, id, null)
    forgetDeleted(changeset, type, id)
    merged.deleted.push({ type, id })
    if (type !== 'playbook') await park(type, id, deletedUnder)
  }
  return merged

  async function replaceServer<T extends 'observation' | 'recommendation'>(
    type: T,
    id: string,
    document: NonNullable<ReturnType<typeof changeset.record<T>>['server']>,
    asItCame: object | undefined,
  ): Promise<void> {
    const before = changeset.record(type, id)
    changeset.putServer(type, id, document, asItCame)
    acknowledgeTaken(context, changeset, before, now)
    merged.changed.push({ type, id })
    if (await recognizeOwn(changeset, type, id, now)) merged.recognized.push({ type, id })
    else if (fullPull && resendLost(context, changeset, before, document, now))
      merged.resent.push({ type, id })
    else await park(type, id, supersededEdit)
  }

  async function park(type: WritableType, id: string, reasonOf: typeof supersededEdit): Promise<void> {
    const record = changeset.record<EntityType>(type, id)
    if (record.inFlight > 0 || isBlocked(record)) return
    const lost = reasonOf(changeset, record, await changeset.entries(record.queued), context.sha256)
    if (!lost) return
    const { queued, ...why } = lost
    changeset.dequeue(queued.key, queued.entry)
    const conflict = {
      kind: 'local',
      type,
      entityId: id,
      losing: queued.entry.document,
      place: positionOf(queued),
    } as const
    merged.parked.push(changeset.addConflict({ ...conflict, foundAt: now, ...why }))
  }
}
