import type { Observation, Playbook, Recommendation } from '@fieldsync/contracts'

import type { Changeset } from '../core/changeset.ts'
import { type EngineContext, transact } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { EntityType, RecordStatus, WritableType } from '../core/local-record.ts'
import { mergeEdit } from '../core/merge-edit.ts'

type Saved = Observation | Recommendation

/**
 * The version that a conflict shows beside the losing value, which is what a decision about it starts from; null where
 * it shows none. Of a patch see {@link existingPlaybook}.
 */
export function existingVersion(conflict: LocalConflict): Saved | null {
  const shown =
    conflict.kind === 'server'
      ? conflict.conflict.server?.record
      : conflict.kind === 'local'
        ? conflict.server
        : conflict.base
  if (!shown || 'patchId' in shown) return null
  // Another record may have the losing one's id; then there is nothing to merge.
  return 'recommendationId' in shown === 'recommendationId' in conflict.losing ? shown : null
}

/** The playbook that a patch met, as its conflict shows it. */
export const existingPlaybook = (conflict: LocalConflict): Playbook | undefined =>
  conflict.kind === 'server'
    ? conflict.conflict.playbook?.document
    : conflict.kind === 'local'
      ? conflict.playbook
      : undefined

/** A conflict that shows another version than before: the newest one, or what the person has just sent in front of it. */
export function showing(conflict: LocalConflict, shown: Saved): LocalConflict {
  switch (conflict.kind) {
    case 'local':
      return { ...conflict, server: shown }
    case 'quarantine':
      return { ...conflict, base: shown }
    case 'server': {
      const updatedAt = shown.updatedAt ?? conflict.conflict.server?.updatedAt ?? ''
      return { ...conflict, conflict: { ...conflict.conflict, server: { updatedAt, record: shown } } }
    }
  }
}

/** A conflict of a patch that shows the newest version of its playbook. */
export function showingPlaybook(conflict: LocalConflict, document: Playbook): LocalConflict {
  if (conflict.kind === 'local') return { ...conflict, playbook: document }
  if (conflict.kind === 'quarantine' || conflict.conflict.playbook === undefined) return conflict
  const playbook = { ...conflict.conflict.playbook, activeVersion: document.version, document }
  return { ...conflict, conflict: { ...conflict.conflict, playbook } }
}

/** Stores what a conflict shows now, unless it is resolved meanwhile. */
export async function renewConflict(context: EngineContext, conflict: LocalConflict): Promise<void> {
  const isOpen = await transact(context, async (changeset, transaction) => {
    const found = await transaction.get('conflicts', conflict.id)
    if (found) {
      changeset.replaceConflict(conflict)
      await changeset.load([{ type: conflict.type, id: conflict.entityId }])
      await showLatest(changeset, conflict.type, conflict.entityId)
    }
    return found !== undefined
  })
  if (isOpen) context.emit({ kind: 'conflict', conflict })
}

/**
 * Puts the record's other open conflicts, of writes that came after the one that was resolved, on top of what was sent
 * for it: they were written on top of it.
 */
export async function followInConflicts(
  changeset: Changeset,
  { type, entityId, place }: LocalConflict,
  sent: Saved,
): Promise<void> {
  for (const other of await changeset.conflictsOf(type, entityId)) {
    const base = existingVersion(other)
    if (other.place <= place || base === null || 'patchId' in other.losing) continue
    const { document } = mergeEdit<Saved>(base, other.losing, sent)
    changeset.replaceConflict(showing({ ...other, losing: document }, sent))
  }
}

/**
 * Frees a record of a conflict that was just removed: it waits on only if it has another, and shows the latest of what is
 * left of its own. The playbook of a patch waits on for any other patch of it.
 */
export async function releaseRecord(
  changeset: Changeset,
  { type, entityId, losing }: LocalConflict,
): Promise<void> {
  const left = await changeset.conflictsOf(type, entityId)
  const record = changeset.record<EntityType>(type, entityId)
  changeset.put({ ...record, status: waitingFor(left) })
  await showLatest(changeset, type, entityId)
  if (!('patchId' in losing)) return
  const { playbookId } = losing
  const ofPlaybook = (await changeset.conflictsOf('playbookPatch')).filter(
    (conflict) => 'patchId' in conflict.losing && conflict.losing.playbookId === playbookId,
  )
  changeset.put({ ...changeset.record('playbook', playbookId), status: waitingFor(ofPlaybook) })
}

// A record that waits for nobody gets its status from its queue when it is put.
function waitingFor(conflicts: readonly LocalConflict[]): RecordStatus {
  const last = conflicts.at(-1)
  if (!last) return 'synced'
  return last.kind === 'quarantine' ? 'quarantined' : 'conflict'
}

/** Shows the latest of this device's own writes of a record, which must be loaded (ENG-58). */
export async function showLatest(changeset: Changeset, type: WritableType, id: string): Promise<void> {
  const record = changeset.record<EntityType>(type, id)
  const newest = (await changeset.entries(record.queued)).at(-1)?.entry
  const waiting = (await changeset.conflictsOf(type, id)).at(-1)?.losing
  // What is resent was made before what waits.
  const local = (newest?.offer ? waiting : undefined) ?? newest?.document ?? waiting ?? null
  changeset.put({ ...record, local })
}
