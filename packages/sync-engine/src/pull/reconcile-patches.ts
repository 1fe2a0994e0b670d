import type { PlaybookPatch, SyncConflict } from '@fieldsync/contracts'
import { pathsOverlap } from '@fieldsync/domain'

import type { Ledger } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { placeOf, type QueuedEntry } from '../core/outbox-entry.ts'
import { type MovedPatch, pathsOf, rebuildChain } from '../core/rebuild-chain.ts'

/** A patch of a batch and what the answer says about it: null where it was accepted. */
export type JudgedPatch = QueuedEntry & { conflict: SyncConflict | null }

export type SettledPatches = {
  laidAside: LocalConflict[]
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
export async function settlePatches(
  context: EngineContext,
  ledger: Ledger,
  playbookId: string,
  judged: readonly JudgedPatch[],
  now: number,
): Promise<SettledPatches> {
  const settled: SettledPatches = { laidAside: [], accepted: [], rebased: [], missing: [] }
  const moved: MovedPatch[] = []
  // A patch of a chain was written without knowing what the ones before it met.
  const met: string[] = []
  for (const { key, entry, conflict } of judged) {
    // Grouped by playbook, they are patches.
    const patch = entry.document as PlaybookPatch
    const { id } = entry
    ledger.dequeue(key, entry)
    ledger.put({ ...ledger.record('playbookPatch', id), local: null })
    if (entry.asks) {
      if (!conflict) ledger.putServer('playbookPatch', id, patch)
      else {
        ledger.put({ ...ledger.record('playbookPatch', id), localOnly: patch })
        settled.missing.push({ id, conflict })
      }
      continue
    }
    if (!conflict) {
      ledger.putServer('playbookPatch', id, patch)
      ledger.put({ ...ledger.record('playbookPatch', id), acknowledgedAt: now })
      settled.accepted.push(id)
      continue
    }
    met.push(...(conflict.playbook?.intervening ?? []).flatMap((step) => step.paths))
    const free = conflict.resolution === 'rebase' && conflict.playbook?.overlapping === false
    if (free && settled.laidAside.length === 0 && !pathsOverlap(met, pathsOf(patch))) {
      const renamed = { ...patch, patchId: context.ids.patch() }
      moved.push({ patch: renamed, place: placeOf({ key, entry }), writtenAt: entry.writtenAt })
      settled.rebased.push({ from: id, to: renamed.patchId, conflict })
    } else {
      const aside = { kind: 'server', type: 'playbookPatch', entityId: id, losing: patch } as const
      settled.laidAside.push(
        ledger.addConflict({ ...aside, place: placeOf({ key, entry }), foundAt: now, conflict }),
      )
    }
  }
  const active = ledger.record('playbook', playbookId).server?.version
  const [first] = moved
  if (first && active !== undefined)
    await rebuildChain(ledger, playbookId, first.place, moved, active, {
      paths: met,
      since: first.patch.baseVersion,
    })
  return settled
}
