import type {
  DeviceId,
  Observation,
  Playbook,
  Recommendation,
  SyncBatchResponse,
  WorkspaceId,
} from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'

import type { DeviceStates, StoredRecord, WorkspaceState } from '../state/workspace-state.ts'

type Tombstone = NonNullable<SyncBatchResponse['downstream']['deleted']>[number]

/** A record and its newest position in the log; positions count from 1. */
type Positioned<T> = T & { position: number }

/** An answer that was given, under both its keys (IDM-1). */
export type StoredAnswer = {
  deviceId: string
  keys: readonly string[]
  /** Canonical hash of the payload. */
  payload: string
  body: string
}

export type ModelDevice = DeviceStates & {
  deviceId: DeviceId
  role: Role
  revoked: boolean
  /** Time of the metadata as decideDevice gave it. */
  metadataMicros: number | undefined
}

/** All that the model holds of one workspace: plain values, so that a copy of them is a backup. */
export type ModelWorkspace = Pick<
  WorkspaceState,
  'versions' | 'patches' | 'corrections' | 'audit' | 'conflicts'
> & {
  workspaceId: WorkspaceId
  /** Identity of the entry at each position: the entry at position 1 comes first (CUR-6). */
  log: number[]
  observations: Map<string, Positioned<StoredRecord<Observation>>>
  recommendations: Map<string, Positioned<StoredRecord<Recommendation>>>
  playbooks: Map<string, Positioned<{ document: Playbook }>>
  /** Tombstones by `<type>/<id>`, until a record is created again: the log has one entry of each (DWN-6). */
  deleted: Map<string, { tombstone: Tombstone; position: number }>
  answers: StoredAnswer[]
  devices: Map<string, ModelDevice>
}

export type ModelCredential = { workspaceId: string; deviceId: string; expired: boolean }

/** The whole database of the model. */
export type ModelState = {
  workspaces: Map<string, ModelWorkspace>
  /** By token. */
  credentials: Map<string, ModelCredential>
}
