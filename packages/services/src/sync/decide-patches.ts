import type { PlaybookPatch } from '@fieldsync/contracts'
import {
  type CanonicalRecord,
  canonicalRecord,
  canonicalText,
  type ConflictDecision,
  decidePatch,
  editByPatch,
  refusedEdit,
} from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'
import { type BatchDecisions, type DecideContext, reportConflict } from './decision.ts'
import type { WorkingPlaybook, WorkingSet } from './working-set.ts'

/** Decides the playbook patches of a batch in order (PCH rules): each on the version that the one before made. */
export function decidePatches(
  context: DecideContext,
  set: WorkingSet,
  records: readonly CanonicalRecord<PlaybookPatch>[],
  decisions: BatchDecisions,
): void {
  for (const incoming of records) {
    if (!decisions.conflictsFit) return
    const { patchId, playbookId } = incoming.record
    const working = set.playbooks.get(playbookId)
    const known = set.acceptedPatches.get(patchId)
    const decision = decidePatch({
      actor: context.actor,
      playbook: working?.document,
      acceptedContent: known?.canonical.contentText,
      grants: set.grants,
      incoming,
      at: context.now.toISOString(),
      retired: working?.retired ?? false,
      fourEyes: working?.fourEyes === true && context.proposes !== true,
    })
    if (decision.kind === 'duplicate') {
      decisions.accepted.playbookPatches++
    } else if (decision.kind === 'conflict') {
      refuse(context, decisions, incoming, decision, working, known)
    } else {
      const text = canonicalText(decision.document)
      const { version } = decision.document
      const oldVersion = working?.document.version ?? null
      decisions.accepted.playbookPatches++
      decisions.versions.push({ playbookId, version, patchId, paths: decision.paths, text })
      decisions.attempts.push({
        patch: incoming,
        outcome: 'applied',
        code: null,
        oldVersion,
        newVersion: version,
      })
      decisions.changes.push({
        type: 'playbook',
        id: playbookId,
        kind: 'patch',
        before: working ? sha256(working.text) : null,
        after: sha256(text),
        paths: decision.paths,
        edit: editByPatch(incoming.record, working?.document, decision.document, sha256),
      })
      decisions.stateChanged(
        'playbook',
        playbookId,
        working && canonicalRecord(working.document),
        canonicalRecord(decision.document),
      )
      const revision = working?.revision ?? 0
      const fourEyes = working?.fourEyes ?? false
      const document = decision.document
      set.playbooks.set(playbookId, { document, text, revision, changed: true, retired: false, fourEyes })
      set.acceptedPatches.set(patchId, {
        id: patchId,
        document: incoming.text,
        playbookId,
        oldVersion: oldVersion ?? 0,
        newVersion: version,
        receivedAt: context.now,
        canonical: incoming,
      })
    }
  }
}

function refuse(
  context: DecideContext,
  decisions: BatchDecisions,
  incoming: CanonicalRecord<PlaybookPatch>,
  decision: ConflictDecision,
  working: WorkingPlaybook | undefined,
  known: { canonical: CanonicalRecord<PlaybookPatch>; receivedAt: Date } | undefined,
): void {
  const { patchId } = incoming.record
  // A known id is refused as reused, whatever else is wrong: the patch that has it has won. Over a stale base it is the
  // playbook, returned as such.
  const winner = known && { canonical: known.canonical, storedAt: known.receivedAt }
  // Only a rebase depends on the active version: any other refusal of a patch stays the same when it moves on.
  const against = decision.resolution === 'rebase' ? `${working?.document.version ?? ''}` : ''
  decisions.refuse(
    reportConflict(context, 'playbookPatch', patchId, incoming, decision, winner, against),
    winner?.canonical.text.length ?? 0,
  )
  decisions.attempts.push({
    patch: incoming,
    outcome: 'rejected',
    code: decision.code,
    oldVersion: working?.document.version ?? null,
    newVersion: null,
  })
  decisions.changes.push({
    type: 'playbookPatch',
    id: patchId,
    kind: 'refused',
    code: decision.code,
    before: null,
    after: sha256(incoming.text),
    paths: incoming.record.operations.map((operation) => operation.path),
    edit: refusedEdit(incoming.record, working?.document),
  })
}
