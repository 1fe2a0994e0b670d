import { type Backup, ModelServer } from '../model/model-server.ts'
import type { ModelLimits } from '../model/read-batch.ts'
import type { ScriptedServer } from './scripted-server.ts'

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
