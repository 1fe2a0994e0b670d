import type { Observation } from '@fieldsync/contracts'
import { parseInput, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { isSameJson } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import { editTime } from '../core/edit-time.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { recordKey, type WritableType } from '../core/local-record.ts'
import { mergeEdit } from '../core/merge-edit.ts'
import { readObservation, stampObservation, type ObservationDraft } from '../core/observation-draft.ts'
import { rebuildChain } from '../core/rebuild-chain.ts'
import { followEdit, requeue, versionBefore } from '../core/requeue.ts'
import { type Resolved, type RefusedWrite, refused } from '../core/save-outcome.ts'
import type { PatchInput } from '../write/patch-playbook.ts'
import type { RecommendationDraft } from '../write/save-recommendation.ts'
import { followInConflicts, session, existingVersion } from './existing-version.ts'
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
          return refused('/observationId', 'is not on this device: name another observation, or discard this')
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
  } else if (type !== 'playbookPatch' && !('patchId' in losing)) {
    // Of the record's own type.
    const before = (await versionBefore(changeset, { type, id, place })) as Saved | null
    const met = existingVersion(conflict)
    const isMoved = before !== null && met !== null && !isSameJson(met, before)
    const { document: merged, clashes } = isMoved
      ? mergeEdit<Saved>(met, document, before)
      : { document, clashes: [] }
    if (isMoved && clashes.length > 0)
      return decideAgain(clashes, session({ ...conflict, losing: merged }, before))
    const sent = isMoved ? stamped(context, merged, before) : merged
    await requeue(
      changeset,
      { type, id, place },
      { type, id, document: sent, writtenAt },
      followEdit(context, losing, sent),
    )
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
  return refused(`/${ID_FIELD[conflict.type]}`, 'must stay; rename gives a new id')
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
      return asRead(parseInput(Recommendation, fixed))
    case 'playbookPatch':
      return asRead(parseInput(PlaybookPatch, fixed))
  }
}

const asRead = (
  parsed: ReturnType<typeof parseInput<typeof Recommendation | typeof PlaybookPatch>>,
): ReadFixed => (parsed.ok ? { ok: true, document: parsed.value } : { ok: false, issues: parsed.issues })

const ID_FIELD: Readonly<Record<WritableType, string>> = {
  observation: 'observationId',
  recommendation: 'recommendationId',
  playbookPatch: 'patchId',
}

function idOf(document: Losing): string {
  if ('patchId' in document) return document.patchId
  return 'recommendationId' in document ? document.recommendationId : document.observationId
}
