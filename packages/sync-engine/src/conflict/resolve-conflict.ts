import type { Changeset } from '../core/changeset.ts'
import { type EngineContext, transact } from '../core/engine-context.ts'
import { rememberResolved, type Resolution } from '../core/engine-meta.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { refused, type RefusedWrite, type Resolved } from '../core/save-outcome.ts'
import { resendReleased } from '../recover/resend-lost.ts'
import { releaseRecord, renewConflict } from './existing-version.ts'

/** Still open, and with more to decide on: it shows the newest version from now on (ENG-40). */
type Renewed = RefusedWrite & { renewed: LocalConflict }

/** Takes a transaction back because there was nothing to commit. */
class TakenBack extends Error {
  readonly refusal: RefusedWrite | Renewed

  constructor(refusal: RefusedWrite | Renewed) {
    super()
    this.refusal = refusal
  }
}

/**
 * Resolves one conflict, in one transaction (ENG-17): removes it, frees its record, and records the resolution for the next
 * report.
 *
 * @param work queues what follows from the resolution; the conflict's record, and the playbook of a patch, are loaded and
 *   wait for this conflict no longer. If it refuses, nothing is changed but what the conflict shows.
 */
export async function resolveConflict(
  context: EngineContext,
  id: string,
  resolution: Resolution,
  work: (changeset: Changeset, conflict: LocalConflict) => Promise<Resolved | Renewed>,
): Promise<Resolved> {
  try {
    const { conflict, done } = await transact(context, async (changeset, transaction) => {
      const found = await transaction.get('conflicts', id)
      if (!found) throw new TakenBack(refused('', 'is resolved already', 'resolved_already'))
      await loadRecords(changeset, found)
      changeset.removeConflict(found)
      await releaseRecord(changeset, found)
      const outcome = await work(changeset, found)
      if (!outcome.ok) throw new TakenBack(outcome)
      resendReleased(context, changeset, found)
      if (found.kind === 'server') {
        await rememberResolved(transaction, found.conflict.conflictId, resolution)
      }
      return { conflict: found, done: outcome }
    })
    context.emit({ kind: 'resolved', conflict, resolution })
    return done
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
    const { issues } = error.refusal
    if ('renewed' in error.refusal) await renewConflict(context, error.refusal.renewed)
    return { ok: false, issues }
  }
}

/** Refuses a decision that was made about an older version than there is by now. */
export const decideAgain = (clashes: readonly string[], renewed: LocalConflict): Renewed => ({
  ok: false,
  issues: clashes.map((path) => ({
    path,
    message:
      'was changed again meanwhile: look at the newest version, which the conflict shows now, and decide again',
    code: 'changed_meanwhile',
  })),
  renewed,
})

const loadRecords = (changeset: Changeset, { type, entityId: id, losing }: LocalConflict): Promise<void> =>
  changeset.load([
    { type, id },
    ...('patchId' in losing ? [{ type: 'playbook', id: losing.playbookId } as const] : []),
  ])
