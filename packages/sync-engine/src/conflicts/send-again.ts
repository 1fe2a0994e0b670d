import type { Observation } from '@fieldsync/contracts'
import { parseInput, PlaybookPatch, Recommendation } from '@fieldsync/contracts'

import type { EngineContext } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LocalConflict } from '../model/local-conflict.ts'
import { recordKey, type WritableType } from '../model/local-record.ts'
import { readObservation, stampObservation, type ObservationDraft } from '../writes/observation-draft.ts'
import type { PatchInput } from '../writes/patch-playbook.ts'
import { type RefusedWrite, refused } from '../writes/save-outcome.ts'
import type { RecommendationDraft } from '../writes/save-recommendation.ts'
import { rebuildChain } from './rebuild-chain.ts'
import { relinked, requeue } from './requeue.ts'
import { type Resolved, resolveConflict } from './resolve-conflict.ts'

/** A repaired document; its type and id are those of the conflict's record. */
export type FixedDocument = ObservationDraft | RecommendationDraft | PatchInput

type Losing = LocalConflict['losing']

/** Sends a repaired document in place of the losing one. */
export const fixConflict = (context: EngineContext, id: string, document: FixedDocument): Promise<Resolved> =>
  resolveConflict(context, id, 'fix', async (ledger, conflict) => {
    const fixed = readFixed(context, conflict, document)
    return fixed.ok ? sendAgain(ledger, conflict, fixed.document, context.clock.now()) : fixed
  })

/** Sends the losing document again as it is, a recommendation with the observation that the server lacks (REC-2). */
export const resubmitConflict = (context: EngineContext, id: string): Promise<Resolved> =>
  resolveConflict(context, id, 'resubmit', async (ledger, conflict) => {
    const now = context.clock.now()
    if ('recommendationId' in conflict.losing && isOrphan(conflict)) {
      const { observationId } = conflict.losing
      const observation = await ledger.read('observation', observationId)
      // The server has just said that it does not have what it once acknowledged.
      const known = observation.localOnly ?? observation.server
      if (observation.local === null && known === null) {
        return refused('/observationId', 'is not on this device: name another observation, or discard this')
      }
      if (known !== null) {
        ledger.putServer('observation', observationId, null)
        // Whatever becomes of it, it may be the last copy (ENG-41).
        ledger.put({ ...ledger.record('observation', observationId), localOnly: known })
        if (observation.local === null)
          ledger.enqueue({ type: 'observation', id: observationId, document: known, writtenAt: now })
      }
    }
    return sendAgain(ledger, conflict, conflict.losing, now)
  })

const isOrphan = (conflict: LocalConflict): boolean =>
  conflict.kind === 'server' && conflict.conflict.code === 'RECOMMENDATION_ORPHAN'

async function sendAgain(
  ledger: Ledger,
  { type, entityId: id, losing, place }: LocalConflict,
  document: Losing,
  writtenAt: number,
): Promise<Resolved> {
  if ('patchId' in document) {
    const again = [{ patch: document, place, writtenAt }]
    const { playbookId, baseVersion } = document
    await rebuildChain(ledger, playbookId, place, again, baseVersion, { paths: [], since: baseVersion })
  } else if (type !== 'playbookPatch') {
    await requeue(ledger, { type, id, place }, { type, id, document, writtenAt }, (entry) =>
      'rawNoteText' in losing && 'rawNoteText' in document ? relinked(entry, losing, document) : entry,
    )
  }
  return { ok: true, record: { type, id } }
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
