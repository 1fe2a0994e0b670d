import type { Queryable } from '@fieldsync/db'
import { type AuditChange, canonicalText, Role } from '@fieldsync/domain'

import { IS_TO_BE_WIPED } from '../access/revoked-device.ts'
import { sha256 } from '../core/json-text.ts'
import { ServiceError } from '../core/service-error.ts'

/** A device as a change of it finds it. */
type StoredDevice = {
  readonly role: Role
  readonly revokedAt: Date | null
  readonly wipeRequestedAt: Date | null
  /** It has a remote wipe to acknowledge. */
  readonly isToBeWiped: boolean
}

/**
 * Reads a device for a change, and locks it until the transaction ends; undefined for an unknown one, and for a service or a
 * person, which have changes of their own.
 */
export const lockDevice = (
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<StoredDevice | undefined> => lock(connection, workspaceId, deviceId, 'd.person_id IS NULL')

/** The same for who can be granted something: a device or a person (GRA-12). */
export const lockHolder = (
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<StoredDevice | undefined> => lock(connection, workspaceId, deviceId, 'true')

async function lock(
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
  which: 'd.person_id IS NULL' | 'true',
): Promise<StoredDevice | undefined> {
  const { rows } = await connection.query<Omit<StoredDevice, 'role'> & { role: string }>(
    `SELECT d.role, d.revoked_at AS "revokedAt", d.wipe_requested_at AS "wipeRequestedAt",
        ${IS_TO_BE_WIPED} AS "isToBeWiped"
      FROM devices d WHERE d.workspace_id = $1 AND d.device_id = $2 AND d.service_scope IS NULL AND ${which} FOR UPDATE`,
    [workspaceId, deviceId],
  )
  const [device] = rows
  return device && { ...device, role: Role.parse(device.role) }
}

/** SQL: what lets a device in again. */
export const NOT_REVOKED =
  'revoked_at = NULL, wipe_requested_at = NULL, wipe_acknowledged_at = NULL, wipe_unsent_deleted = NULL'

/** The refusal of a change that a revoked device cannot have. */
export const isRevoked = (deviceId: string): { refusal: ServiceError } => ({
  refusal: new ServiceError('CONFLICT', `The device ${deviceId} is revoked; readmit it first.`),
})

/** The refusal to let a device in again while it has a wipe to acknowledge, unless that is called off (WIP-6). */
export const isToBeWiped = (deviceId: string): { refusal: ServiceError } => ({
  refusal: new ServiceError(
    'CONFLICT',
    `The device ${deviceId} has not acknowledged its wipe: letting it in again calls that off (cancelWipe).`,
    { details: { reason: 'wipe_pending' } },
  ),
})

/** What the audit says of a wipe that ends without an acknowledgement, by letting its device in again (WIP-6). */
export const wipeCalledOff = (deviceId: string): AuditChange => ({
  type: 'device',
  id: deviceId,
  kind: 'update',
  before: sha256(canonicalText({ deviceId, wipe: 'pending' })),
  after: sha256(canonicalText({ deviceId, wipe: null })),
  paths: ['/wipe'],
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
