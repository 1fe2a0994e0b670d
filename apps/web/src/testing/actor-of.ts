import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import type { Actor, Role } from '@fieldsync/domain'

/** A device of a role as the server's rules know it. */
export const actorOf = (role: Role): Actor => ({
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_ridge'),
  deviceId: DeviceId.parse(`dev_${role}`),
  role,
})
