import { type Observation, parseInput, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { isSameJson } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { RecordName } from '../core/engine-events.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { recordKey, type WritableType } from '../core/local-record.ts'
import { mergeEdit } from '../core/merge-edit.ts'
import {
  editTime,
  type ObservationDraft,
  readObservation,
  stampObservation,
} from '../core/observation-draft.ts'
import { rebuildChain } from '../core/patch-chain.ts'
import { followEdit, type Place, requeue, versionBefore } from '../core/requeue.ts'
import { breaksContract, refused, type RefusedWrite, type Resolved } from '../core/save-outcome.ts'
import type { PatchInput } from '../write/patch-playbook.ts'
import type { RecommendationDraft } from '../write/save-recommendation.ts'
import { existingVersion, followInConflicts, showing } from './existing-version.ts'
import { decideAgain, resolveConflict } from './resolve-conflict.ts'

/** A repaired document; its type and id are those of the conflict's record. */
export type FixedDocument = ObservationDraft | RecommendationDraft | PatchInput

type Losing = LocalConflict['losing']
type Saved = Exclude<Losing, { patchId: unknown }>

/** Sends a repaired document in place of the losing one. */
export const fixConflict = (context: EngineContext, id: string, document: FixedDocument): Promise<Resolved> =>
  resolveConflict(context, id, 'fix', async (changeset, conflict) => {
    const fixed = readFixed(context, conflict, document)
    return fixed.ok ? sendAgain(context, changeset, conflict, fixed.document) : fixed
  })

/** Sends the losing document again as it is, a recommendation with the observation that the server lacks (REC-2). */
export const resubmitConflict = (context: EngineContext, id: string): Promise<Resolved> =>
  resolveConflict(context, id, 'resubmit', async (changeset, conflict) => {
    const now = context.clock.now()
    if ('recommendationId' in conflict.losing && isOrphan(conflict)) {
      const { observationId } = conflict.losing
      // The server may have it again since: then the recommendation alone is what it lacks (ENG-59).
      const { server, local, localOnly } = await changeset.read('observation', observationId)
      if (server === null && local === null) {
        if (!localOnly) {
          return refused(
            '/observationId',
            'is not on this device: name another observation, or discard this',
            'not_here',
          )
        }
        changeset.enqueue({ type: 'observation', id: observationId, document: localOnly, writtenAt: now })
      }
    }
    return sendAgain(context, changeset, conflict, conflict.losing)
  })

const isOrphan = (conflict: LocalConflict): boolean =>
  conflict.kind === 'server' && conflict.conflict.code === 'RECOMMENDATION_ORPHAN'

/**
 * Queues a document in place of the losing one. What differs from the version that the conflict shows goes on top of the
 * newest; where that one was changed in the same place it is decided again (ENG-40).
 */
async function sendAgain(
  context: EngineContext,
  changeset: Changeset,
  conflict: LocalConflict,
  document: Losing,
): Promise<Resolved> {
  const { type, entityId: id, losing, place } = conflict
  const writtenAt = context.clock.now()
  if ('patchId' in document) {
    const again = [{ patch: document, place, writtenAt }]
    const { playbookId, baseVersion } = document
    await rebuildChain(changeset, playbookId, place, again, baseVersion, { paths: [], since: baseVersion })
  } else {
    // All of it is of the document's own type.
    const at = { type, id, place } as Place
    const before = (await versionBefore(changeset, at)) as Saved | null
    const met = existingVersion(conflict)
    let sent = document
    if (before !== null && met !== null && !isSameJson(met, before)) {
      const { document: merged, clashes } = mergeEdit<Saved>(met, document, before)
      if (clashes.length > 0) return decideAgain(clashes, showing({ ...conflict, losing: merged }, before))
      sent = stamped(context, merged, before)
    }
    const follow = followEdit(context, losing as Saved, sent)
    await requeue(changeset, at, { type, id, document: sent, writtenAt }, follow)
    await followInConflicts(changeset, conflict, sent)
  }
  return { ok: true, record: { type, id } }
}

/** A document with the time of an edit of `before`, and an observation with its checksum. */
function stamped({ clock, sha256 }: EngineContext, document: Saved, before: Saved): Saved {
  if ('recommendationId' in document) {
    return { ...document, updatedAt: editTime(clock.now(), before, document) }
  }
  return stampObservation(document, before as Observation, clock.now(), sha256)
}

type ReadFixed = { ok: true; document: Losing } | RefusedWrite

function readFixed(context: EngineContext, conflict: LocalConflict, fixed: FixedDocument): ReadFixed {
  const document = readAs(context, conflict, fixed)
  if (
    !document.ok ||
    recordKey(conflict.type, idOf(document.document)) === recordKey(conflict.type, conflict.entityId)
  ) {
    return document
  }
  return refused(`/${ID_FIELD[conflict.type]}`, 'must stay; rename gives a new id', 'wrong_id')
}

function readAs(context: EngineContext, { type, losing }: LocalConflict, fixed: FixedDocument): ReadFixed {
  switch (type) {
    case 'observation': {
      // The schema says whether it is one.
      const read = readObservation(fixed as ObservationDraft)
      if (!read.ok) return read
      const now = context.clock.now()
      return {
        ok: true,
        document: stampObservation(read.observation, losing as Observation, now, context.sha256),
      }
    }
    case 'recommendation':
      return readBy(Recommendation, fixed)
    case 'playbookPatch':
      return readBy(PlaybookPatch, fixed)
  }
}

function readBy(schema: typeof Recommendation | typeof PlaybookPatch, fixed: FixedDocument): ReadFixed {
  const parsed = parseInput(schema, fixed)
  return parsed.ok ? { ok: true, document: parsed.value } : breaksContract(schema, fixed)
}

const ID_FIELD: Readonly<Record<WritableType, string>> = {
  observation: 'observationId',
  recommendation: 'recommendationId',
  playbookPatch: 'patchId',
}

function idOf(document: Losing): string {
  if ('patchId' in document) return document.patchId
  return 'recommendationId' in document ? document.recommendationId : document.observationId
}

/** What became of each. Not `ok` if there were some, and none of them is queued again. */
export type ResubmittedAll = {
  ok: boolean
  resubmitted: RecordName[]
  /** Those that stay as they are, with the reason. */
  refused: { id: string; issues: RefusedWrite['issues'] }[]
}

/**
 * Queues quarantined writes again, one transaction each: a program that dies in between has queued the first ones, and
 * the others are quarantined still (ENG-55).
 */
export async function resubmitAll(context: EngineContext, ids?: readonly string[]): Promise<ResubmittedAll> {
  const all: Omit<ResubmittedAll, 'ok'> = { resubmitted: [], refused: [] }
  for (const { id } of await quarantinedWrites(context, ids)) {
    const resolved = await resubmitConflict(context, id)
    if (resolved.ok) all.resubmitted.push(resolved.record)
    else all.refused.push({ id, issues: resolved.issues })
  }
  return { ...all, ok: all.resubmitted.length > 0 || all.refused.length === 0 }
}

/** In the order in which they were made, which is that of the outbox: a chain goes out as it was written. */
async function quarantinedWrites(
  { store }: EngineContext,
  ids: readonly string[] | undefined,
): Promise<LocalConflict[]> {
  const rows = await store.read((transaction) => transaction.list('conflicts', { prefix: 'quarantine/' }))
  const wanted = ids && new Set(ids)
  return rows
    .flatMap(([, conflict]) => (!wanted || wanted.has(conflict.id) ? [conflict] : []))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
}
