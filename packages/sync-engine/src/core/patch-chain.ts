import type { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import {
  type Actor,
  canonicalRecord,
  decidePatch,
  isSameJson,
  parsePointer,
  pathsOverlap,
  type PlaybookGrant,
  valueAt,
} from '@fieldsync/domain'

import type { Changeset } from './changeset.ts'
import { likelyConflict } from './likely-conflict.ts'
import { positionOf, type QueuedEntry } from './local-record.ts'
import { sequenceKey } from './local-store.ts'
import type { LikelyConflict } from './save-outcome.ts'

/** Who writes patches, as far as a device knows; without grants where nobody has named them. */
export type PatchWriter = {
  readonly actor: Actor
  readonly grants?: readonly PlaybookGrant[] | undefined
  readonly fourEyes?: boolean
}

/**
 * The patches that are to change one playbook and wait for the server, oldest first; the playbook must be loaded. What only
 * asks whether the server still has a patch is not among them (ENG-62).
 */
export async function patchChain(
  changeset: Changeset,
  playbookId: string,
): Promise<{ key: string; patch: PlaybookPatch }[]> {
  const { queued } = changeset.record('playbook', playbookId)
  // A playbook's queue lists patches alone.
  return (await changeset.entries(queued)).flatMap(({ key, entry }) =>
    entry.asks ? [] : [{ key, patch: entry.document as PlaybookPatch }],
  )
}

/** The version that the next patch builds on: behind those that wait, else the server's; null if neither is known. */
export function nextBase(server: Playbook | null, chain: readonly { patch: PlaybookPatch }[]): number | null {
  const last = chain.at(-1)
  return last ? last.patch.baseVersion + 1 : (server?.version ?? null)
}

/** A playbook as it will be once the server has taken what waits here, as far as that still fits its version. */
export function withUnsent(writer: PatchWriter, server: Playbook, chain: readonly PlaybookPatch[]): Playbook {
  let playbook = server
  for (const patch of chain) {
    const decision = decide(writer, playbook, patch)
    if (decision.kind !== 'accept') return playbook
    playbook = decision.document
  }
  return playbook
}

/**
 * What the rules say to a patch behind those that wait, by what the device knows. Null where nothing speaks against it,
 * or where the waiting ones no longer fit the server's version, so that only the server knows.
 */
export function likelyPatchConflict(
  writer: PatchWriter,
  server: Playbook | null,
  chain: readonly { patch: PlaybookPatch }[],
  incoming: PlaybookPatch,
): LikelyConflict | null {
  let playbook = server ?? undefined
  for (const { patch } of chain) {
    const decision = decide(writer, playbook, patch)
    if (decision.kind !== 'accept') return null
    playbook = decision.document
  }
  return likelyConflict(decide(writer, playbook, incoming))
}

const decide = (
  { actor, grants, fourEyes = false }: PatchWriter,
  playbook: Playbook | undefined,
  patch: PlaybookPatch,
) =>
  decidePatch({
    actor,
    playbook,
    acceptedContent: undefined,
    grants,
    incoming: canonicalRecord(patch),
    at: patch.requestedAt,
    fourEyes,
  })

/**
 * Which operations (by index) set a value that is another in `newest` than in `base`, the version that they were made of,
 * and another than they set (ENG-38).
 */
export function supersededOperations(
  operations: readonly { readonly op: string; readonly path: string; readonly value?: unknown }[],
  base: Playbook,
  newest: Playbook,
): number[] {
  return operations.flatMap(({ op, path, value }, at) => {
    const segments = parsePointer(path)
    if (segments === undefined) return []
    // What is put at the end of a list rests on the list.
    const place = segments.at(-1) === '-' ? segments.slice(0, -1) : segments
    const there = valueAt(newest, place)?.value
    const isSet = place === segments && op !== 'remove' && isSameJson(value, there)
    return isSet || isSameJson(valueAt(base, place)?.value, there) ? [] : [at]
  })
}

/** A patch that goes out again, under a new id where its content was decided on already; `place` is where it was written. */
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

/** Patches that were certainly never decided on: one that may have been must go out as it is, or it could apply twice. */
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
