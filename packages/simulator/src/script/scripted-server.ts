import type { Role } from '@fieldsync/domain'

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
