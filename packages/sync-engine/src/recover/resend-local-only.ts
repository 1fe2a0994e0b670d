import { mayWriteFor } from '@fieldsync/domain'

import { Changeset } from '../core/changeset.ts'
import { type EngineContext, readOwn, transact } from '../core/engine-context.ts'
import type { RecordName } from '../core/engine-events.ts'
import { type EntityType, isBlocked, type LocalRecord, recordKey } from '../core/local-record.ts'
import { recordPages } from '../core/record-pages.ts'
import { refused, type RefusedWrite, type Resolved } from '../core/save-outcome.ts'
import { enqueueKnown } from './resend-lost.ts'

const PAGE = 500

/** What a person does about records, and versions of records, that are only on this device. */
export type LocalOnly = {
  /** In the order of type and id. @param options.after the last one of the page before */
  list: (options?: { after?: RecordName; limit?: number }) => Promise<LocalOnlyRecord[]>
  /** Sends one again, as it is; the server decides on it by the usual rules (ENG-43). */
  resend: (record: RecordName) => Promise<Resolved>
  /** Sends all again that this device may send. @returns how many were queued */
  resendOwn: () => Promise<number>
  /** Gives one up: a record is removed from this device, of a version the server's stays. */
  discard: (record: RecordName) => Promise<Resolved>
}

export type LocalOnlyRecord = RecordName & {
  document: NonNullable<LocalRecord['localOnly']>
  /** The server has an earlier version of it. */
  hasServerVersion: boolean
  own: boolean
  /** A write of it waits to be sent already. */
  isQueued: boolean
}

/** @param afterWrite starts a sync soon after what it is given is stored */
export function createLocalOnly(
  context: EngineContext,
  afterWrite: <T extends { ok: boolean }>(write: Promise<T>) => Promise<T>,
): LocalOnly {
  return {
    list: ({ after, limit = 100 } = {}) => listLocalOnly(context, after, limit),
    resend: (record) =>
      afterWrite(
        transact(context, async (changeset) => {
          const outcome = await resend(context, changeset, record)
          if (outcome.ok && record.type === 'observation')
            await resendRestingOn(context, changeset, record.id)
          return outcome
        }),
      ),
    resendOwn: async () => {
      const all = await listLocalOnly(context, undefined, Infinity)
      let queued = 0
      for (let from = 0; from < all.length; from += PAGE) {
        const page = all.slice(from, from + PAGE)
        const outcome = await afterWrite(
          transact(context, async (changeset) => {
            await changeset.load(page)
            let count = 0
            for (const record of page) if ((await resend(context, changeset, record)).ok) count++
            return { ok: count > 0, count }
          }),
        )
        queued += outcome.count
      }
      return queued
    },
    discard: (record) => transact(context, (changeset) => discard(changeset, record)),
  }
}

/**
 * True if this device may send a record again: it wrote it, or may write for others. Of a record that was on the device
 * before the app was reinstalled the author says so.
 */
export async function isOwn(
  context: EngineContext,
  changeset: Changeset,
  record: LocalRecord,
): Promise<boolean> {
  const { localOnly, acknowledgedAt } = record
  if (!localOnly || 'rules' in localOnly) return false
  if ('patchId' in localOnly) return localOnly.requestedByDeviceId === context.deviceId
  if (acknowledgedAt !== null) return true
  if ('rawNoteText' in localOnly) return mayWriteFor(context.actor, localOnly.deviceId)
  const observation = await changeset.read('observation', localOnly.observationId)
  const author = (observation.local ?? observation.server ?? observation.localOnly)?.deviceId
  return author !== undefined && mayWriteFor(context.actor, author)
}

const listLocalOnly = (
  context: EngineContext,
  afterRecord: RecordName | undefined,
  limit: number,
): Promise<LocalOnlyRecord[]> =>
  readOwn<LocalOnlyRecord[]>(context, [], async (transaction) => {
    const changeset = await Changeset.open(transaction, context.sha256)
    const found: LocalOnlyRecord[] = []
    if (changeset.queue.localOnly === 0) return found
    const after = afterRecord && recordKey(afterRecord.type, afterRecord.id)
    for await (const page of recordPages(transaction, after)) {
      for (const [, record] of page) {
        const { type, id, localOnly: document, server, queued } = record
        if (!document) continue
        const own = await isOwn(context, changeset, record)
        found.push({
          type,
          id,
          document,
          hasServerVersion: server !== null,
          own,
          isQueued: queued.length > 0,
        })
        if (found.length >= limit) return found
      }
    }
    return found
  })

async function resend(
  context: EngineContext,
  changeset: Changeset,
  { type, id }: RecordName,
): Promise<Resolved> {
  const record = await changeset.read<EntityType>(type, id)
  const { localOnly, queued } = record
  if (!localOnly) return refused('', 'is not marked as only on this device', 'not_local_only')
  if ('rules' in localOnly)
    return refused('', 'is a version of a playbook: make its changes again by a patch', 'playbook_version')
  if (!(await isOwn(context, changeset, record)))
    return refused('', 'was written by another device: export it, and let an admin import it', 'other_author')
  if (queued.length > 0) return refused('', 'has a write that waits to be sent already', 'queued_already')
  if ('patchId' in localOnly) {
    await changeset.load([{ type: 'playbook', id: localOnly.playbookId }])
    // As a queued write it may get another base, and with it another id: this one is not waited for.
    const { localOnly: _queued, ...others } = record
    changeset.put(others)
  }
  if ('recommendationId' in localOnly) {
    const lacking = await resendObservation(context, changeset, localOnly.observationId)
    if (lacking) return lacking
  }
  enqueueKnown(changeset, changeset.record<EntityType>(type, id), localOnly, context.clock.now())
  return { ok: true, record: { type, id } }
}

/** The server takes a recommendation behind its observation alone (REC-2). */
async function resendObservation(
  context: EngineContext,
  changeset: Changeset,
  id: string,
): Promise<RefusedWrite | undefined> {
  const { server, queued, localOnly } = await changeset.read('observation', id)
  if (server !== null || queued.length > 0 || !localOnly) return undefined
  const outcome = await resend(context, changeset, { type: 'observation', id })
  return outcome.ok
    ? undefined
    : refused(
        '/observationId',
        'names an observation that is only on this device and was written by another',
        'other_author',
      )
}

/** What is marked and rests on an observation goes out behind it (ENG-70). */
async function resendRestingOn(
  context: EngineContext,
  changeset: Changeset,
  observationId: string,
): Promise<void> {
  // They are the last records by their keys.
  for await (const page of recordPages(changeset.transaction, recordKey('recommendation', ''))) {
    for (const [, { type, id, localOnly }] of page) {
      const rests = localOnly && 'recommendationId' in localOnly && localOnly.observationId === observationId
      if (rests) await resend(context, changeset, { type, id })
    }
  }
}

/**
 * Queues the observation of a new recommendation, or of an edit of one, where that is only on this device and of an author
 * whom this device may write for; of any other it is left where it is, and the recommendation waits (ENG-70).
 */
export async function takeObservationAlong(
  context: EngineContext,
  changeset: Changeset,
  observationId: string,
): Promise<void> {
  const observation = await changeset.read('observation', observationId)
  const { localOnly } = observation
  if (localOnly && !isBlocked(observation) && mayWriteFor(context.actor, localOnly.deviceId))
    await resendObservation(context, changeset, observationId)
}

async function discard(changeset: Changeset, { type, id }: RecordName): Promise<Resolved> {
  const record = await changeset.read<EntityType>(type, id)
  if (!record.localOnly) return refused('', 'is not marked as only on this device', 'not_local_only')
  const { localOnly: _given, lostCorrections: _lost, ...others } = record
  changeset.put(others)
  return { ok: true, record: { type, id } }
}
