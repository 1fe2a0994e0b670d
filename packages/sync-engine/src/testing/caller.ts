import type { DeviceId } from '@fieldsync/contracts'
import type { Actor } from '@fieldsync/domain'

/** A caller of the test workspace. */
export const caller = (deviceId: DeviceId, role: Actor['role'] = 'agronomist'): Actor => ({
  kind: 'device',
  workspaceId: 'ws_test' as Actor['workspaceId'],
  deviceId,
  role,
})
