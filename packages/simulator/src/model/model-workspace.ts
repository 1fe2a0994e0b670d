import { readFileSync } from 'node:fs'

import { Playbook, WorkspaceId } from '@fieldsync/contracts'
import {
  canonicalRecord,
  canonicalText,
  combineDigests,
  type HashedType,
  recordDigest,
} from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { StoredRecord, WorkspaceState } from '../state/workspace-state.ts'
import { appendAudit } from './batch.ts'
import type { ModelWorkspace } from './model-state.ts'

/** A workspace as it begins: with the starter playbook, whose history before is not known (RUN-6, AUD-7). */
export function newWorkspace(id: string, now: number, identity: number): ModelWorkspace {
  const document = starterPlaybook()
  const workspace: ModelWorkspace = {
    workspaceId: WorkspaceId.parse(id),
    log: [identity],
    observations: new Map(),
    recommendations: new Map(),
    playbooks: new Map([[document.playbookId, { document, position: 1 }]]),
    // A patch on an earlier version overlaps whatever led to this one.
    versions: [{ patchId: null, paths: [''], document }],
    patches: [],
    corrections: [],
    audit: [],
    conflicts: [],
    deleted: new Map(),
    answers: [],
    devices: new Map(),
  }
  appendAudit(workspace, undefined, now, {
    act: 'workspace.create',
    tgt: { type: 'workspace', id },
    chg: [
      {
        type: 'playbook',
        id: document.playbookId,
        kind: 'create',
        before: null,
        after: sha256(canonicalText(document)),
      },
    ],
  })
  return workspace
}

const FILE = new URL('../../../../prisma/starter/starter-playbook.json', import.meta.url)

/** The playbook that every new workspace begins with (RUN-6). */
const starterPlaybook = (): Playbook => Playbook.parse(JSON.parse(readFileSync(FILE, 'utf8')))

/**
 * The model's workspace in the form that all servers share: as it is now, whatever comes. It shares its documents with
 * the model, which replaces them and never changes one.
 */
export function stateOfWorkspace(workspace: ModelWorkspace): WorkspaceState {
  const { observations, recommendations, playbooks } = workspace
  const positions = [
    ...[...observations].map(([id, { position }]) => ({ key: `observation/${id}`, position })),
    ...[...recommendations].map(([id, { position }]) => ({ key: `recommendation/${id}`, position })),
    ...[...playbooks].map(([id, { position }]) => ({ key: `playbook/${id}`, position })),
  ]
  const { workspaceId, versions, patches, corrections, audit, conflicts } = workspace
  return {
    workspaceId,
    log: positions.sort((a, b) => a.position - b.position).map(({ key }) => key),
    stateHash: stateHashOf(workspace),
    observations: withoutPositions(observations),
    recommendations: withoutPositions(recommendations),
    playbooks: new Map([...playbooks].map(([id, { document }]) => [id, document])),
    versions: [...versions],
    patches: [...patches],
    corrections: [...corrections],
    audit: [...audit],
    conflicts: conflicts.map((entry) => ({ ...entry })),
    devices: [...workspace.devices.values()]
      .filter(({ metadata }) => metadata !== null)
      .map(({ deviceId, metadata, report }) => ({ deviceId, metadata, report })),
  }
}

const withoutPositions = <T>(records: ReadonlyMap<string, StoredRecord<T>>): Map<string, StoredRecord<T>> =>
  new Map(
    [...records].map(([id, { record, timeMicros, storedAt }]) => [id, { record, timeMicros, storedAt }]),
  )

// A document is replaced and never changed, so its digest is made once.
const digests = new WeakMap<object, string>()

/** The hash of every current record, each time combined from the start (HSH-1). */
export function stateHashOf({ observations, recommendations, playbooks }: ModelWorkspace): string {
  return combineDigests(
    ...[...observations].map(([id, { record }]) => digest('observation', id, record)),
    ...[...recommendations].map(([id, { record }]) => digest('recommendation', id, record)),
    ...[...playbooks].map(([id, { document }]) => digest('playbook', id, document)),
  )
}

function digest(type: HashedType, id: string, record: object): string {
  const known = digests.get(record)
  if (known !== undefined) return known
  const made = recordDigest(type, id, canonicalRecord(record), sha256)
  digests.set(record, made)
  return made
}
