import type { Queryable } from '@fieldsync/db'
import { Role } from '@fieldsync/domain'

import { ServiceError } from '../core/service-error.ts'

/** A device as a change of it finds it. */
type StoredDevice = { readonly role: Role; readonly revokedAt: Date | null }

/** Reads a device for a change, and locks it until the transaction ends; undefined for an unknown one, and for a service. */
export async function lockDevice(
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<StoredDevice | undefined> {
  const { rows } = await connection.query<{ role: string; revokedAt: Date | null }>(
    `SELECT role, revoked_at AS "revokedAt" FROM devices
      WHERE workspace_id = $1 AND device_id = $2 AND service_scope IS NULL FOR UPDATE`,
    [workspaceId, deviceId],
  )
  const [device] = rows
  return device && { role: Role.parse(device.role), revokedAt: device.revokedAt }
}

/** The refusal of a change that a revoked device cannot have. */
export const isRevoked = (deviceId: string): { refusal: ServiceError } => ({
  refusal: new ServiceError('CONFLICT', `The device ${deviceId} is revoked; readmit it first.`),
})

/** The refusal of a device that is to be new, and is there. */
export const alreadyExists = (workspaceId: string, deviceId: string): ServiceError =>
  new ServiceError('CONFLICT', `The device ${deviceId} exists already in workspace ${workspaceId}.`)

const RESERVED = /^dev_(?:web|svc)_/

/** The refusal of a new device under an id that is kept for people and services (IDS-4). */
export function reservedId(deviceId: string): ServiceError | undefined {
  if (!RESERVED.test(deviceId)) return undefined
  const message = 'must not begin with dev_web_ or dev_svc_, which name people and services'
  return new ServiceError('VALIDATION_ERROR', `The device id ${message}.`, {
    details: { issues: [{ path: '/deviceId', message }] },
  })
}
