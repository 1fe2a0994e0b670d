import type { Changeset } from '../core/changeset.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { EntityType, RecordStatus, WritableType } from '../core/local-record.ts'

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
  // What is offered again was made before what waits.
  const local = (newest?.offer ? waiting : undefined) ?? newest?.document ?? waiting ?? null
  changeset.put({ ...record, local })
}
