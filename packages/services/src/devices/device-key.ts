import type { EcPublicJwk } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { calculateJwkThumbprint } from 'jose'

import type { Proof } from '../access/proof.ts'
import { authRequired } from '../core/service-error.ts'

export type DeviceAt = { readonly workspaceId: string; readonly deviceId: string; readonly at: Date }

/** A key as it is registered: with the proof by which its device has it. */
export type RegisteredKey = {
  readonly publicKeyJwk: EcPublicJwk
  readonly thumbprint: string
  /** False where an admin has to confirm it. */
  readonly isConfirmed: boolean
  /** Its device has proven it with a call before, so that its first token ends nothing. */
  readonly isInUse: boolean
}

/**
 * The key that a proof is by is the one to register.
 * @throws ServiceError AUTH_REQUIRED, reason `proof_invalid`
 */
export async function requireProofOf(publicKeyJwk: EcPublicJwk, proof: Proof): Promise<void> {
  if ((await calculateJwkThumbprint(publicKeyJwk)) !== proof.thumbprint)
    throw authRequired('proof_invalid', 'The proof is by another key than the one to register.')
}

/**
 * Registers a key as the one that its device has; an earlier one ends. One that waits for an admin takes the place of another
 * one that waits, and leaves the device the key that it has until it is confirmed (ENR-7).
 */
export async function storeKey(connection: Queryable, device: DeviceAt, key: RegisteredKey): Promise<void> {
  const { workspaceId, deviceId, at } = device
  await endKeys(connection, device, key.isConfirmed ? 'all' : 'unconfirmed')
  await connection.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at, confirmed_at, first_used_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (workspace_id, device_id, thumbprint) DO UPDATE
         SET created_at = $5, confirmed_at = $6, first_used_at = $7, ended_at = NULL`,
    [
      workspaceId,
      deviceId,
      key.thumbprint,
      key.publicKeyJwk,
      at,
      key.isConfirmed ? at : null,
      key.isInUse ? at : null,
    ],
  )
}

/** Ends the keys of a device: all, the one that waits for an admin, or all but one. @returns how many */
export async function endKeys(
  connection: Queryable,
  device: DeviceAt,
  which: 'all' | 'unconfirmed' | { readonly but: string } = 'all',
): Promise<number> {
  const but = typeof which === 'object' ? which.but : null
  const { rowCount } = await connection.query(
    `UPDATE device_keys SET ended_at = $3
      WHERE workspace_id = $1 AND device_id = $2 AND ended_at IS NULL
        AND ($4 OR confirmed_at IS NULL) AND ($5::text IS NULL OR thumbprint <> $5)`,
    [device.workspaceId, device.deviceId, device.at, which !== 'unconfirmed', but],
  )
  return rowCount ?? 0
}

/** Ends the codes that a device was given; one that was used is not answered again either. */
export async function endEnrollments(connection: Queryable, device: DeviceAt): Promise<void> {
  await connection.query(
    'UPDATE enrollments SET ended_at = $3 WHERE workspace_id = $1 AND device_id = $2 AND ended_at IS NULL',
    [device.workspaceId, device.deviceId, device.at],
  )
}

/** A key that has not ended; of a device at most one that is confirmed, and one that is not. */
type PresentKey = { readonly thumbprint: string; readonly isConfirmed: boolean }

export async function presentKeys(
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<PresentKey[]> {
  const { rows } = await connection.query<PresentKey>(
    `SELECT thumbprint, confirmed_at IS NOT NULL AS "isConfirmed" FROM device_keys
      WHERE workspace_id = $1 AND device_id = $2 AND ended_at IS NULL`,
    [workspaceId, deviceId],
  )
  return rows
}
