import type { Playbook, PlaybookPatch } from '@fieldsync/contracts'

import { canonicalText, type Sha256 } from '../canonical.ts'
import { documentChanges } from '../json-patch/document-changes.ts'
import { formatPointer, valueAt } from '../json-patch/pointer.ts'
import type { PlaceChange, PlaybookEdit } from './body.ts'

/** An edit names this many places; what differs beyond is covered by the hashes of the whole document. */
const MAX_EDIT_PLACES = 1000

/** What the audit says of an accepted patch beside the hashes of the whole document (AUD-16). */
export function editByPatch(
  patch: PlaybookPatch,
  before: Playbook | undefined,
  after: Playbook,
  sha256: Sha256,
): PlaybookEdit {
  return {
    patch: patch.patchId,
    reason: patch.reason,
    from: before?.version ?? null,
    version: after.version,
    places: changedPlaces(before, after, sha256),
  }
}

/** What it says of a refused one: nothing has changed (AUD-6). */
export const refusedEdit = (patch: PlaybookPatch, active: Playbook | undefined): PlaybookEdit => ({
  patch: patch.patchId,
  reason: patch.reason,
  from: active?.version ?? null,
  version: null,
  places: [],
})

/**
 * Every place at which two versions of a playbook differ, with hashes of the values before and after; the version and its
 * time, which every edit changes, are left out.
 */
export function changedPlaces(
  before: Playbook | undefined,
  after: Playbook,
  sha256: Sha256,
): readonly PlaceChange[] {
  const hashAt = (document: unknown, path: readonly string[]): string | null => {
    const found = valueAt(document, path)
    return found === undefined ? null : sha256(canonicalText(found.value))
  }
  // A value that becomes one of another kind is deleted and created: one place all the same.
  const pathOf = new Map(
    documentChanges(before, after)
      .filter(({ path }) => path.length !== 1 || (path[0] !== 'version' && path[0] !== 'updatedAt'))
      .map(({ path }) => [formatPointer(path), path]),
  )
  // By pointer: the order of an object's members says nothing, and a database may have changed it.
  return [...pathOf]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MAX_EDIT_PLACES)
    .map(([pointer, path]) => ({
      path: pointer,
      before: before === undefined ? null : hashAt(before, path),
      after: hashAt(after, path),
    }))
}
