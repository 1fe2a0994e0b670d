import type { PlaybookPatch, SyncConflict } from '@fieldsync/contracts'
import { pathsOverlap } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { positionOf, type QueuedEntry } from '../core/local-record.ts'
import { type RebasedPatch, pathsOf, rebuildChain } from '../core/patch-chain.ts'

/** A patch of a batch and what the answer says about it: null where it was accepted. */
export type DecidedPatch = QueuedEntry & { conflict: SyncConflict | null }

export type ReconciledPatches = {
  parked: LocalConflict[]
  accepted: string[]
  rebased: { from: string; to: string; conflict: SyncConflict }[]
  /** What the server was asked for, and said it does not have (ENG-62). */
  missing: { id: string; conflict: SyncConflict }[]
}

/**
 * Takes over the outcome of one playbook's patches. A patch that only met changes which it does not touch goes out again
 * on top of them (ENG-16), with the patches behind it; but not behind one that waits for a person, on which it was built.
 * Runs after the playbook itself was taken over. What was only asked for changes nothing but its own record.
 */
export async function reconcilePatches(
  context: EngineContext,
  changeset: Changeset,
  playbookId: string,
  decided: readonly DecidedPatch[],
  now: number,
): Promise<ReconciledPatches> {
  const reconciled: ReconciledPatches = { parked: [], accepted: [], rebased: [], missing: [] }
  const moved: RebasedPatch[] = []
  // A patch of a chain was written without knowing what the ones before it met.
  const met: string[] = []
  for (const { key, entry, conflict } of decided) {
    // Grouped by playbook, they are patches.
    const patch = entry.document as PlaybookPatch
    const { id } = entry
    changeset.dequeue(key, entry)
    changeset.put({ ...changeset.record('playbookPatch', id), local: null })
    if (entry.asks) {
      if (!conflict) changeset.putServer('playbookPatch', id, patch)
      else {
        changeset.put({ ...changeset.record('playbookPatch', id), localOnly: patch })
        reconciled.missing.push({ id, conflict })
      }
      continue
    }
    if (!conflict) {
      changeset.putServer('playbookPatch', id, patch)
      changeset.put({ ...changeset.record('playbookPatch', id), acknowledgedAt: now })
      reconciled.accepted.push(id)
      continue
    }
    met.push(...(conflict.playbook?.intervening ?? []).flatMap((step) => step.paths))
    const free = conflict.resolution === 'rebase' && conflict.playbook?.overlapping === false
    if (free && reconciled.parked.length === 0 && !pathsOverlap(met, pathsOf(patch))) {
      const renamed = { ...patch, patchId: context.ids.patch() }
      moved.push({ patch: renamed, place: positionOf({ key, entry }), writtenAt: entry.writtenAt })
      reconciled.rebased.push({ from: id, to: renamed.patchId, conflict })
    } else {
      const parked = { kind: 'server', type: 'playbookPatch', entityId: id, losing: patch } as const
      reconciled.parked.push(
        changeset.addConflict({ ...parked, place: positionOf({ key, entry }), foundAt: now, conflict }),
      )
    }
  }
  const active = changeset.record('playbook', playbookId).server?.version
  const [first] = moved
  if (first && active !== undefined)
    await rebuildChain(changeset, playbookId, first.place, moved, active, {
      paths: met,
      since: first.patch.baseVersion,
    })
  return reconciled
}
