import type { PlaybookPatch } from '@fieldsync/contracts'
import { canonicalRecord, canonicalText, decidePatch, editByPatch, refusedEdit } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { type Batch, instantOf } from './batch.ts'
import { refuseRecord } from './refuse-record.ts'

/** Gives one patch its outcome, on the version that the one before it made, and puts the attempt on record (PCH rules). */
export function applyPatch(batch: Batch, patch: PlaybookPatch): void {
  const { workspace, actor, now } = batch
  const { patchId, playbookId } = patch
  const playbook = workspace.playbooks.get(playbookId)?.document
  const accepted = workspace.patches.find(
    (each) => each.patch.patchId === patchId && each.outcome === 'applied',
  )
  const decision = decidePatch({
    actor,
    playbook,
    acceptedContent: accepted && canonicalRecord(accepted.patch).contentText,
    // Whoever may patch here has the grant of its role, which covers all that a patch can change (GRA-9).
    grants: undefined,
    incoming: canonicalRecord(patch),
    at: instantOf(now),
  })
  if (decision.kind === 'duplicate') {
    batch.accepted.playbookPatches++
    return
  }
  const attempt = {
    patch,
    deviceId: actor.deviceId,
    oldVersion: playbook?.version ?? null,
    receivedAt: instantOf(now),
  }
  if (decision.kind === 'conflict') {
    const { code } = decision
    const won =
      code === 'PATCH_ID_REUSED' && accepted
        ? { record: accepted.patch, storedAt: accepted.receivedAt }
        : undefined
    const against = decision.resolution === 'rebase' ? playbook?.version : undefined
    const subject = { entityType: 'playbookPatch', entityId: patchId, incoming: patch } as const
    const conflict = refuseRecord(batch, subject, decision, won, against)
    if (decision.resolution === 'rebase') batch.rebases.push({ conflict, patch })
    workspace.patches.push({ ...attempt, outcome: 'rejected', code, newVersion: null })
    batch.changes.push({
      type: 'playbookPatch',
      id: patchId,
      kind: 'refused',
      code,
      before: null,
      after: sha256(canonicalText(patch)),
      paths: patch.operations.map((operation) => operation.path),
      edit: refusedEdit(patch, playbook),
    })
    return
  }
  const { document, paths } = decision
  batch.accepted.playbookPatches++
  batch.patched.push(patch)
  workspace.patches.push({ ...attempt, outcome: 'applied', code: null, newVersion: document.version })
  workspace.versions.push({ patchId, paths, document })
  workspace.playbooks.set(playbookId, { document, position: batch.append() })
  batch.changes.push({
    type: 'playbook',
    id: playbookId,
    kind: 'patch',
    before: playbook ? sha256(canonicalText(playbook)) : null,
    after: sha256(canonicalText(document)),
    paths,
    edit: editByPatch(patch, playbook, document, sha256),
  })
}
