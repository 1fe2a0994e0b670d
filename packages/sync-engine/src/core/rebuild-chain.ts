import type { PlaybookPatch } from '@fieldsync/contracts'
import { pathsOverlap } from '@fieldsync/domain'

import type { Changeset } from './changeset.ts'
import { positionOf, type QueuedEntry } from './outbox-entry.ts'
import { sequenceKey } from './ports/local-store.ts'

/** A patch that goes out again, under a new id where its content was judged already; `place` is where it was written. */
export type RebasedPatch = { patch: PlaybookPatch; place: string; writtenAt: number }

/**
 * Puts patches back into the line of those that wait on a playbook, where they were written, and the ones behind on top
 * of them: each builds on the one before (ENG-16). What was sent already is not in the line, and what waits in front
 * stays as it is.
 *
 * A waiting patch that touches what others changed meanwhile goes back to the version before, as all behind it: the
 * server will call it a conflict, and a person looks at it.
 *
 * @param from the place behind which patches are put on a new base
 * @param base the version that the first of them builds on, unless one waits in front
 * @param met paths that others changed, and the version before they did
 */
export async function rebuildChain(
  changeset: Changeset,
  playbookId: string,
  from: string,
  moved: readonly RebasedPatch[],
  base: number,
  met: { paths: readonly string[]; since: number },
): Promise<void> {
  await changeset.load(moved.map(({ patch }) => ({ type: 'playbookPatch', id: patch.patchId })))
  const waiting = await unsent(changeset, playbookId)
  const inFront = waiting.findLast(({ place }) => place < from)
  const line: Link[] = [
    ...waiting.filter(({ place }) => place >= from).map((link) => ({ kind: 'waits' as const, ...link })),
    ...moved.map((link) => ({ kind: 'moved' as const, ...link })),
  ].sort((a, b) => (a.place < b.place ? -1 : 1))
  let next = inFront ? inFront.patch.baseVersion + 1 : base
  let fits = true
  for (const link of line) {
    const { patch, place } = link
    if (link.kind === 'waits') {
      changeset.dequeue(link.key, link.entry)
      fits &&= !pathsOverlap(met.paths, pathsOf(patch))
    }
    const baseVersion = fits || link.kind === 'moved' ? next++ : met.since
    const document = { ...patch, baseVersion }
    const { writtenAt } = link.kind === 'waits' ? link.entry : link
    changeset.enqueue({ type: 'playbookPatch', id: patch.patchId, document, writtenAt, since: place })
  }
}

type Loading = QueuedEntry & { patch: PlaybookPatch; place: string }
type Link = ({ kind: 'waits' } & Loading) | ({ kind: 'moved' } & RebasedPatch)

/** JSON Pointers of what a patch edits. */
export const pathsOf = ({ operations }: PlaybookPatch): string[] => operations.map(({ path }) => path)

/** Patches that were certainly never judged: one that may have been must go out as it is, or it could apply twice. */
async function unsent(changeset: Changeset, playbookId: string): Promise<Loading[]> {
  const entries = await changeset.entries(changeset.record('playbook', playbookId).queued)
  await changeset.load(entries.map(({ entry: { type, id } }) => ({ type, id })))
  const settled = sequenceKey(changeset.queue.unsettledBefore)
  const first = entries.findIndex(
    ({ key, entry }) => key >= settled && changeset.record('playbookPatch', entry.id).inFlight === 0,
  )
  if (first < 0) return []
  return entries.slice(first).map(({ key, entry }) => ({
    key,
    entry,
    // A playbook's queue lists patches alone.
    patch: entry.document as PlaybookPatch,
    place: positionOf({ key, entry }),
  }))
}
