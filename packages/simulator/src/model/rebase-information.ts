import { PatchId, type PlaybookPatch, type SyncConflict } from '@fieldsync/contracts'
import { pathsOverlap } from '@fieldsync/domain'

import type { ModelWorkspace } from './model-state.ts'

const MOST_INTERVENING = 100

/** What a device needs to rebase a patch: the playbook as the batch left it, and what was changed since the base (CNF-3 to CNF-6). */
export function addRebaseInformation(
  workspace: ModelWorkspace,
  conflict: SyncConflict,
  patch: PlaybookPatch,
): void {
  const document = workspace.playbooks.get(patch.playbookId)?.document
  if (!document) return
  const since = workspace.versions.filter(
    (each) => each.document.playbookId === patch.playbookId && each.document.version > patch.baseVersion,
  )
  const paths = patch.operations.map((operation) => operation.path)
  conflict.playbook = {
    activeVersion: document.version,
    document,
    intervening: since.slice(0, MOST_INTERVENING).map((each) => ({
      patchId: each.patchId === null ? null : PatchId.parse(each.patchId),
      version: each.document.version,
      paths: each.paths,
    })),
    overlapping:
      patch.baseVersion > document.version ||
      since.length > MOST_INTERVENING ||
      since.some((each) => pathsOverlap(each.paths, paths)),
  }
}
