import type { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import {
  type Actor,
  canonicalRecord,
  decidePatch,
  isSameJson,
  parsePointer,
  valueAt,
} from '@fieldsync/domain'

import type { Changeset } from './changeset.ts'
import { likelyConflict } from './likely-conflict.ts'
import type { LikelyConflict } from './save-outcome.ts'

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
export function withUnsent(actor: Actor, server: Playbook, chain: readonly PlaybookPatch[]): Playbook {
  let playbook = server
  for (const patch of chain) {
    const decision = decide(actor, playbook, patch)
    if (decision.kind !== 'accept') return playbook
    playbook = decision.document
  }
  return playbook
}

/**
 * What the rules say to a patch behind those that wait, by what the device knows. Null where nothing speaks against it,
 * or where the waiting ones no longer fit the server's version, so that only the server can tell.
 */
export function likelyPatchConflict(
  actor: Actor,
  server: Playbook | null,
  chain: readonly { patch: PlaybookPatch }[],
  incoming: PlaybookPatch,
): LikelyConflict | null {
  let playbook = server ?? undefined
  for (const { patch } of chain) {
    const decision = decide(actor, playbook, patch)
    if (decision.kind !== 'accept') return null
    playbook = decision.document
  }
  return likelyConflict(decide(actor, playbook, incoming))
}

const decide = (actor: Actor, playbook: Playbook | undefined, patch: PlaybookPatch) =>
  decidePatch({
    actor,
    playbook,
    acceptedContent: undefined,
    incoming: canonicalRecord(patch),
    at: patch.requestedAt,
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
