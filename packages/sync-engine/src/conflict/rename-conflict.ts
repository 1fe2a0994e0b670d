import type { Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { mayWriteFor, type Sha256 } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { OutboxEntry } from '../core/local-record.ts'
import { observationChecksum } from '../core/observation-draft.ts'
import { rebuildChain } from '../core/patch-chain.ts'
import { relinked, requeue } from '../core/requeue.ts'
import { refused, type Resolved } from '../core/save-outcome.ts'
import { showLatest } from './existing-version.ts'
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
  // It would be refused again, and what the device wrote about it would have left the observation that it is about.
  if (!mayWriteFor(context.actor, losing.deviceId))
    return refused('/deviceId', 'is another device, whose note gets no new id here', 'other_choice')
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
  const known = left.server ?? left.localOnly
  const isOwn = known != null && mayWriteFor(context.actor, known.deviceId)
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

const PAGE = 500

/**
 * Changes the recommendations that this device wrote and the server does not have, queued or parked, along with the
 * record they name. One that the server has keeps what it names there.
 */
async function followReferences(
  changeset: Changeset,
  change: (recommendation: Recommendation) => Recommendation,
): Promise<void> {
  await followQueued(changeset, change)
  for (const conflict of await changeset.conflictsOf('recommendation')) {
    const losing = conflict.losing as Recommendation
    const changed = change(losing)
    const record = await changeset.read('recommendation', conflict.entityId)
    if (changed === losing || record.server !== null) continue
    changeset.replaceConflict({ ...conflict, losing: changed })
    if (record.local) changeset.put({ ...record, local: change(record.local) })
  }
}

async function followQueued(
  changeset: Changeset,
  change: (recommendation: Recommendation) => Recommendation,
): Promise<void> {
  let after = ''
  for (;;) {
    const page = await changeset.transaction.list('outbox', { after, limit: PAGE })
    const ours = page.filter(
      ([, { document }]) => 'recommendationId' in document && change(document) !== document,
    )
    await changeset.load(ours.map(([, { type, id }]) => ({ type, id })))
    for (const [key, entry] of ours) {
      const record = changeset.record('recommendation', entry.id)
      // What is on its way cannot be changed any more: its answer decides.
      const sent = record.queued.indexOf(key) < record.inFlight
      if (record.server === null && !sent) changeset.replaceEntry(key, changedEntry(entry, change))
    }
    const last = page.at(-1)
    if (last === undefined) return
    after = last[0]
  }
}

/** Naming another record, it is a new write, which waits for nothing that the server has lost (CUR-10). */
function changedEntry(
  { offer: _offer, ...entry }: OutboxEntry,
  change: (recommendation: Recommendation) => Recommendation,
): OutboxEntry {
  return { ...entry, document: change(entry.document as Recommendation) }
}
