import type { PlaybookPatch } from '@fieldsync/contracts'
import { pathsOverlap } from '@fieldsync/domain'

import type { Ledger, QueuedEntry } from '../ledger/ledger.ts'
import { sequenceKey } from '../ports/local-store.ts'

/** A patch that goes out again, under a new id where its content was judged already; `place` is where it was written. */
export type MovedPatch = { patch: PlaybookPatch; place: string; writtenAt: number }

/**
 * Puts the patches that wait on a playbook, and those that come back to them, on its active version, in the order they
 * were written: each builds on the one before (ENG-16). What was sent already is none of them.
 *
 * A waiting patch that touches what others changed meanwhile keeps its base, as all behind it: the server will call it a
 * conflict, and a person looks at it.
 *
 * @param base the version that the first of them builds on
 * @param met paths that others changed since the patches were written
 */
export async function rebuildChain(
  ledger: Ledger,
  playbookId: string,
  moved: readonly MovedPatch[],
  base: number,
  met: readonly string[],
): Promise<void> {
  const waiting = await unsent(ledger, playbookId)
  const line = [
    ...waiting.map((queued) => ({ kind: 'waits' as const, place: queued.entry.since ?? queued.key, queued })),
    ...moved.map((patch) => ({ kind: 'moved' as const, place: patch.place, patch })),
  ].sort((a, b) => (a.place < b.place ? -1 : 1))
  await ledger.load(moved.map(({ patch }) => ({ type: 'playbookPatch', id: patch.patchId })))
  let next = base
  let fits = true
  for (const link of line) {
    if (link.kind === 'moved') {
      const { patch, place, writtenAt } = link.patch
      const document = { ...patch, baseVersion: next++ }
      ledger.enqueue({ type: 'playbookPatch', id: patch.patchId, document, writtenAt, since: place })
      continue
    }
    const { key, entry } = link.queued
    // A playbook's queue lists patches alone.
    const patch = entry.document as PlaybookPatch
    fits &&= !pathsOverlap(met, pathsOf(patch))
    const document = fits ? { ...patch, baseVersion: next++ } : patch
    ledger.dequeue(key, entry)
    ledger.enqueue({ ...entry, document, since: link.place })
  }
}

/** JSON Pointers of what a patch edits. */
export const pathsOf = ({ operations }: PlaybookPatch): string[] => operations.map(({ path }) => path)

/** Patches that were certainly never judged: one that may have been must go out as it is, or it could apply twice. */
async function unsent(ledger: Ledger, playbookId: string): Promise<QueuedEntry[]> {
  const { queued } = ledger.record('playbook', playbookId)
  const settled = sequenceKey(ledger.queue.unsettledBefore)
  const entries = await ledger.entries(queued)
  await ledger.load(entries.map(({ entry: { type, id } }) => ({ type, id })))
  const first = entries.findIndex(
    ({ key, entry }) => key >= settled && ledger.record('playbookPatch', entry.id).inFlight === 0,
  )
  return first < 0 ? [] : entries.slice(first)
}
