import type { PlaybookPatch } from '@fieldsync/contracts'
import {
  type CanonicalRecord,
  canonicalRecord,
  canonicalText,
  type ConflictDecision,
  decidePatch,
} from '@fieldsync/domain'

import { sha256 } from '../core/sha256.ts'
import type { DecideContext, BatchDecision } from './decision.ts'
import { reportConflict } from './report-conflict.ts'
import type { HeldPlaybook, WorkingSet } from './working-set.ts'

/** Judges the playbook patches of a batch in order (PCH rules): each on the version that the one before made. */
export function decidePatches(
  context: DecideContext,
  set: WorkingSet,
  records: readonly CanonicalRecord<PlaybookPatch>[],
  judgement: BatchDecision,
): void {
  for (const incoming of records) {
    const { patchId, playbookId } = incoming.record
    const held = set.playbooks.get(playbookId)
    const known = set.acceptedPatches.get(patchId)
    const decision = decidePatch({
      actor: context.actor,
      playbook: held?.document,
      acceptedContent: known?.canonical.contentText,
      incoming,
      at: context.now.toISOString(),
    })
    if (decision.kind === 'duplicate') {
      judgement.accepted.playbookPatches++
    } else if (decision.kind === 'conflict') {
      refuse(context, judgement, incoming, decision, held, known)
    } else {
      const text = canonicalText(decision.document)
      const { version } = decision.document
      const oldVersion = held?.document.version ?? null
      judgement.accepted.playbookPatches++
      judgement.versions.push({ playbookId, version, patchId, paths: decision.paths, text })
      judgement.attempts.push({
        patch: incoming,
        outcome: 'applied',
        code: null,
        oldVersion,
        newVersion: version,
      })
      judgement.changes.push({
        type: 'playbook',
        id: playbookId,
        kind: 'patch',
        before: held ? sha256(held.text) : null,
        after: sha256(text),
        paths: decision.paths,
      })
      judgement.stateChanged(
        'playbook',
        playbookId,
        held && canonicalRecord(held.document),
        canonicalRecord(decision.document),
      )
      const revision = held?.revision ?? 0
      set.playbooks.set(playbookId, { document: decision.document, text, revision, changed: true })
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
  judgement: BatchDecision,
  incoming: CanonicalRecord<PlaybookPatch>,
  decision: ConflictDecision,
  held: HeldPlaybook | undefined,
  known: { canonical: CanonicalRecord<PlaybookPatch>; receivedAt: Date } | undefined,
): void {
  const { patchId } = incoming.record
  // What won over a reused id is the patch that has it; over a stale base it is the playbook, told as such.
  const winner =
    decision.code === 'PATCH_ID_REUSED' && known
      ? { canonical: known.canonical, storedAt: known.receivedAt }
      : undefined
  // Only a rebase depends on the active version: any other refusal of a patch stays the same when it moves on.
  const against = decision.resolution === 'rebase' ? `${held?.document.version ?? ''}` : ''
  judgement.refuse(
    reportConflict(context, 'playbookPatch', patchId, incoming, decision, winner, against),
    winner?.canonical.text.length ?? 0,
  )
  judgement.attempts.push({
    patch: incoming,
    outcome: 'rejected',
    code: decision.code,
    oldVersion: held?.document.version ?? null,
    newVersion: null,
  })
  judgement.changes.push({
    type: 'playbookPatch',
    id: patchId,
    kind: 'refused',
    code: decision.code,
    before: null,
    after: sha256(incoming.text),
    paths: incoming.record.operations.map((operation) => operation.path),
  })
}
