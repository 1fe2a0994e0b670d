import type { StoredRecord, WorkspaceState } from '../state/workspace-state.ts'
import type { ModelWorkspace } from './model-state.ts'
import { stateHashOf } from './state-hash.ts'

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
