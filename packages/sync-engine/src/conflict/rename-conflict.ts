import type { Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { mayWriteFor, type Sha256 } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { observationChecksum } from '../core/observation-checksum.ts'
import type { OutboxEntry } from '../core/outbox-entry.ts'
import { rebuildChain } from '../core/rebuild-chain.ts'
import { relinked, requeue } from '../core/requeue.ts'
import type { Resolved } from '../core/save-outcome.ts'
import { followReferences } from './follow-references.ts'
import { showLatest } from './release-record.ts'
import { resolveConflict } from './resolve-conflict.ts'

/** Gives the losing record a new id, under which it goes out again; what the device wrote about it follows. */
export const renameConflict = (context: EngineContext, id: string): Promise<Resolved> =>
  resolveConflict(context, id, 'rename', (changeset, conflict) => {
    const { losing } = conflict
    if ('patchId' in losing) return renamePatch(context, changeset, conflict, losing)
    if ('recommendationId' in losing) return renameRecommendation(context, changeset, conflict, losing)
    return renameObservation(context, changeset, conflict, losing)
  })

async function renameObservation(
  context: EngineContext,
  changeset: Changeset,
  { place, foundAt: writtenAt }: LocalConflict,
  losing: Observation,
): Promise<Resolved> {
  const { observationId: oldId } = losing
  const newId = context.ids.observation()
  await changeset.load([{ type: 'observation', id: newId }])
  const renamed = (observation: Observation) =>
    withNewChecksum({ ...observation, observationId: newId }, context.sha256)
  let before = losing
  let after = renamed(losing)
  await requeue(
    changeset,
    { type: 'observation', id: oldId, place },
    { type: 'observation', id: newId, document: after, writtenAt },
    (entry) => {
      // Each correction of a chain names the checksum of the one before it, which has just changed.
      const linked = relinked(entry, before, after)
      before = entry.document as Observation
      after = renamed(linked.document as Observation)
      return { ...linked, id: newId, document: after }
    },
  )
  // What lost has another id now; what is left here is what was written before it, or the server's.
  await showLatest(changeset, 'observation', oldId)
  const left = changeset.record('observation', oldId)
  // What an author's device leaves there of its own others wait for after a restore (CUR-8).
  const isOwn = left.server !== null && mayWriteFor(context.actor, left.server.deviceId)
  if (!isOwn) changeset.put({ ...left, acknowledgedAt: null })
  await followReferences(changeset, (recommendation) =>
    recommendation.observationId === oldId ? { ...recommendation, observationId: newId } : recommendation,
  )
  return { ok: true, record: { type: 'observation', id: newId } }
}

async function renameRecommendation(
  context: EngineContext,
  changeset: Changeset,
  { place, foundAt: writtenAt }: LocalConflict,
  losing: Recommendation,
): Promise<Resolved> {
  const { recommendationId: oldId } = losing
  const newId = context.ids.recommendation()
  await changeset.load([{ type: 'recommendation', id: newId }])
  const renamed = (entry: OutboxEntry): OutboxEntry => ({
    ...entry,
    id: newId,
    document: { ...(entry.document as Recommendation), recommendationId: newId },
  })
  const first = renamed({ type: 'recommendation', id: oldId, document: losing, writtenAt })
  await requeue(changeset, { type: 'recommendation', id: oldId, place }, first, renamed)
  await showLatest(changeset, 'recommendation', oldId)
  changeset.put({ ...changeset.record('recommendation', oldId), acknowledgedAt: null })
  await followReferences(changeset, (recommendation) =>
    recommendation.supersedes === oldId ? { ...recommendation, supersedes: newId } : recommendation,
  )
  return { ok: true, record: { type: 'recommendation', id: newId } }
}

async function renamePatch(
  context: EngineContext,
  changeset: Changeset,
  { place, foundAt: writtenAt }: LocalConflict,
  losing: PlaybookPatch,
): Promise<Resolved> {
  const patch = { ...losing, patchId: context.ids.patch() }
  const { playbookId, baseVersion } = losing
  const untouched = { paths: [], since: baseVersion }
  await rebuildChain(changeset, playbookId, place, [{ patch, place, writtenAt }], baseVersion, untouched)
  return { ok: true, record: { type: 'playbookPatch', id: patch.patchId } }
}

// A checksum that another program made by its own rule is replaced too: it is of a record with another id.
const withNewChecksum = (observation: Observation, sha256: Sha256): Observation => ({
  ...observation,
  deterministicChecksum: observationChecksum(observation, sha256),
})
