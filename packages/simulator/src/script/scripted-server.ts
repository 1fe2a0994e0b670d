import type { Role } from '@fieldsync/domain'

import { type Backup, ModelServer } from '../model/model-server.ts'
import type { ModelLimits } from '../model/read-call.ts'
import type { ServerAnswer, ServerCall } from '../server-call.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'

/** A server as a script meets it: its one door, what operators do, and what happens to its database. */
export interface ScriptedServer {
  syncBatch(call: ServerCall): Promise<ServerAnswer>
  createWorkspace(workspaceId: string): Promise<void>
  createDevice(device: { workspaceId: string; deviceId: string; role: Role; token: string }): Promise<void>
  setRole(workspaceId: string, deviceId: string, role: Role): Promise<void>
  revokeDevice(workspaceId: string, deviceId: string): Promise<void>
  restart(): Promise<void>
  /** Keeps the database as it is now, in place of an earlier backup. */
  backup(): Promise<void>
  /** Goes back to the backup, if there is one. */
  restore(): Promise<void>
  state(workspaceId: string): Promise<WorkspaceState>
}

/** The servers' clock in a script: it stands still but for what the script says. Milliseconds since 1970. */
export class ScriptClock {
  time = Date.parse('2026-02-12T08:00:00.000Z')

  now(): number {
    return this.time
  }

  advance(milliseconds: number): void {
    this.time += milliseconds
  }
}

/** Bounds of the servers that run scripts: low, so that small batches reach them. */
export const SCRIPT_LIMITS: ModelLimits = { maxBytes: 48 * 1024, maxRecords: 10 }

/** A model server for a script. */
export function scriptedModel(options: {
  clock: { now(): number }
  limits?: Partial<ModelLimits>
}): ScriptedServer {
  const model = new ModelServer(options)
  let stored: Backup | undefined
  return {
    syncBatch: async (call) => model.syncBatch(call),
    createWorkspace: async (workspaceId) => model.createWorkspace(workspaceId),
    createDevice: async (device) => model.createDevice(device),
    setRole: async (workspaceId, deviceId, role) => model.setRole(workspaceId, deviceId, role),
    revokeDevice: async (workspaceId, deviceId) => model.revokeDevice(workspaceId, deviceId),
    restart: async () => model.restart(),
    backup: async () => {
      stored = model.backup()
    },
    restore: async () => {
      if (stored) model.restore(stored)
    },
    state: async (workspaceId) => model.state(workspaceId),
  }
}
