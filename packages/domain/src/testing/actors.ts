import { DeviceId, WorkspaceId } from '@fieldsync/contracts'

import type { Actor } from '../access/actor.ts'

const device = (deviceId: string, role: Actor['role']): Actor => ({
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_test'),
  deviceId: DeviceId.parse(deviceId),
  role,
})

const service = (grantedDevices: readonly string[]): Actor => ({
  ...device('dev_svc_import', 'service'),
  kind: 'service',
  grantedDevices: grantedDevices.map((id) => DeviceId.parse(id)),
})

/** The author of every sample record, and the others who act on those records. */
export const ACTORS = {
  author: device('dev_author', 'scout'),
  otherScout: device('dev_other', 'scout'),
  agronomist: device('dev_agronomist', 'agronomist'),
  admin: device('dev_admin', 'admin'),
  grantedService: service(['dev_author']),
  otherService: service(['dev_somebody']),
  authorNowViewer: device('dev_author', 'viewer'),
  system: { ...device('dev_svc_system', 'viewer'), kind: 'system' },
} as const satisfies Record<string, Actor>

export type ActorName = keyof typeof ACTORS
