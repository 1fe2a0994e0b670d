import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'

import type { Role } from './roles.ts'

/** Who acts: built from a verified credential, never from a body. */
export type Actor = {
  /** `system` is the server itself, which may do everything, whatever its role. */
  kind: 'device' | 'user' | 'service' | 'system'
  workspaceId: WorkspaceId
  /** The caller as it appears where the contract requires a device id. */
  deviceId: DeviceId
  role: Role
  /** The devices a service may create records for. */
  grantedDevices?: readonly DeviceId[]
}
