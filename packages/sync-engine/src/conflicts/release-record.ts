import type { Ledger } from '../ledger/ledger.ts'
import type { LocalConflict } from '../model/local-conflict.ts'
import type { EntityType, RecordStatus } from '../model/local-record.ts'

/**
 * Frees a record of a conflict that was just removed: it waits on only if it has another, and shows the latest of what is
 * left of its own. The playbook of a patch waits on for any other patch of it.
 */
export async function releaseRecord(
  ledger: Ledger,
  { type, entityId, losing }: LocalConflict,
): Promise<void> {
  const left = await ledger.conflictsOf(type, entityId)
  const record = ledger.record<EntityType>(type, entityId)
  const newest = (await ledger.entries(record.queued)).at(-1)?.entry
  // What is offered again was made before what waits.
  const waiting = left.at(-1)?.losing
  const local = (newest?.offer ? waiting : undefined) ?? newest?.document ?? waiting ?? null
  ledger.put({ ...record, local, status: waitingFor(left) })
  if (!('patchId' in losing)) return
  const { playbookId } = losing
  const ofPlaybook = (await ledger.conflictsOf('playbookPatch')).filter(
    (conflict) => 'patchId' in conflict.losing && conflict.losing.playbookId === playbookId,
  )
  ledger.put({ ...ledger.record('playbook', playbookId), status: waitingFor(ofPlaybook) })
}

// A record that waits for nobody gets its status from its queue when it is put.
function waitingFor(conflicts: readonly LocalConflict[]): RecordStatus {
  const last = conflicts.at(-1)
  if (!last) return 'synced'
  return last.kind === 'quarantine' ? 'quarantined' : 'conflict'
}
