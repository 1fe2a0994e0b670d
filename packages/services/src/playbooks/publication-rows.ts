import type { PlaybookId, PlaybookPatch, VersionKind } from '@fieldsync/contracts'
import type { WorkspaceWrite } from '@fieldsync/db'
import {
  type ActivePlaybook,
  type AuditChange,
  canonicalRecord,
  canonicalText,
  changedPlaces,
  combineDigests,
  type PublicationDecision,
  recordDigest,
} from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'

/** A version to be written, and who and what it came from. */
type NewVersion = {
  readonly playbookId: PlaybookId
  readonly kind: VersionKind
  readonly active: ActivePlaybook | undefined
  readonly accepted: Pick<Extract<PublicationDecision, { kind: 'accept' }>, 'document' | 'paths'>
  /** Null for the operator. */
  readonly madeBy: string | null
  readonly reason: string
  /** Number of the proposal that it is made from. */
  readonly proposal: number | null
  /** The patch that was proposed. */
  readonly patch?: PlaybookPatch
}

const AUDITED_AS = {
  patch: 'patch',
  creation: 'create',
  publication: 'publish',
  rollback: 'roll_back',
  retirement: 'retire',
} as const satisfies Record<VersionKind, string>

type VersionRows = Pick<WorkspaceWrite, 'playbooks' | 'versions' | 'patches' | 'positions' | 'stateDelta'>

/** A whole version as rows of the log, and its entry in the audit: devices get it as they get a patched one (PUB-8). */
export function publicationRows(version: NewVersion): { rows: VersionRows; change: AuditChange } {
  const { playbookId, kind, active, accepted, patch } = version
  const { document, paths } = accepted
  const text = canonicalText(document)
  const before = active && canonicalRecord(active.document)
  const digests = [...(before ? [before] : []), canonicalRecord(document)].map((each) =>
    recordDigest('playbook', playbookId, each, sha256),
  )
  const row = {
    i: 1,
    id: playbookId,
    revision: active?.document.version ?? null,
    version: document.version,
    updated: document.updatedAt,
  }
  return {
    rows: {
      playbooks: [membersOf(row)],
      // Documents go along as the texts that are hashed.
      versions: [`${membersOf(versionColumns(version))},"document":${text}`],
      patches: patch ? [attempt(version, patch)] : [],
      positions: 1,
      stateDelta: combineDigests(...digests),
    },
    change: {
      type: 'playbook',
      id: playbookId,
      kind: AUDITED_AS[kind],
      before: active ? sha256(canonicalText(active.document)) : null,
      after: sha256(text),
      paths,
      edit: {
        patch: patch?.patchId ?? null,
        reason: version.reason,
        from: active?.document.version ?? null,
        version: document.version,
        places: changedPlaces(active?.document, document, sha256),
      },
    },
  }
}

function versionColumns({ playbookId, kind, accepted, madeBy, reason, proposal, patch }: NewVersion): object {
  const { document, paths } = accepted
  const common = { playbook: playbookId, version: document.version, paths, proposal }
  // Who sent a patch, and why, is in its attempt.
  return patch
    ? { ...common, patch: patch.patchId, kind: null, by: null, reason: null }
    : { ...common, patch: null, kind, by: madeBy, reason }
}

function attempt({ active, accepted }: NewVersion, patch: PlaybookPatch): string {
  const columns = {
    id: patch.patchId,
    playbook: patch.playbookId,
    outcome: 'applied',
    code: null,
    old: active?.document.version ?? null,
    new: accepted.document.version,
    by: patch.requestedByDeviceId,
  }
  return `${membersOf(columns)},"document":${canonicalText(patch)}`
}

const membersOf = (columns: object): string => JSON.stringify(columns).slice(1, -1)
