import { createPublicKey } from 'node:crypto'

import { type DeviceId, type EcPublicJwk, ServiceScope } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { canonicalText } from '@fieldsync/domain'
import { calculateJwkThumbprint } from 'jose'

import { mintSecret, scopesOf, secretAsToken } from '../access/client-secret.ts'
import { insertToken } from '../access/device-token.ts'
import { sha256 } from '../core/json-text.ts'
import type { Runtime } from '../core/runtime.ts'
import { notFound, ServiceError, validationError } from '../core/service-error.ts'

type ServiceAt = { readonly workspaceId: string; readonly serviceId: string; readonly at: Date }

/** What a service may do. */
export type Grants = { readonly scopes: readonly ServiceScope[]; readonly deviceIds: readonly DeviceId[] }

/** The same in the order in which it is stored and answered, each once. */
export const grantsOf = ({ scopes, deviceIds }: Grants): Grants => ({
  scopes: ServiceScope.options.filter((scope) => scopes.includes(scope)),
  deviceIds: [...new Set(deviceIds)].toSorted(),
})

/** A service as a change of it finds it. */
type StoredService = Grants & { readonly revokedAt: Date | null }

/** Reads a service for a change, and locks it until the transaction ends; undefined for an unknown one. */
export async function lockService(
  connection: Queryable,
  workspaceId: string,
  serviceId: string,
): Promise<StoredService | undefined> {
  const { rows } = await connection.query<{ scope: string; revokedAt: Date | null; deviceIds: DeviceId[] }>(
    `SELECT service_scope AS scope, revoked_at AS "revokedAt", ARRAY(
        SELECT g.device_id FROM service_grants g
        WHERE g.workspace_id = $1 AND g.service_id = $2 ORDER BY g.device_id
      ) AS "deviceIds"
      FROM devices WHERE workspace_id = $1 AND device_id = $2 AND service_scope IS NOT NULL FOR UPDATE`,
    [workspaceId, serviceId],
  )
  const [row] = rows
  return row && { scopes: serviceScopes(row.scope), deviceIds: row.deviceIds, revokedAt: row.revokedAt }
}

/** The scopes of a service, as they are stored. */
export const serviceScopes = (text: string): ServiceScope[] =>
  scopesOf(text).filter((scope) => scope !== 'admin')

/** The hash by which the audit names what a service may do. */
export const auditedGrants = ({ scopes, deviceIds }: Grants): string =>
  sha256(canonicalText({ scopes, deviceIds }))

export const serviceRevoked = (serviceId: string): { refusal: ServiceError } => ({
  refusal: new ServiceError('CONFLICT', `The service ${serviceId} is revoked; create another one.`),
})

/**
 * Replaces the devices that a service may write for.
 * @returns the refusal of one that is no device of the workspace
 */
export async function storeGrants(
  connection: Queryable,
  workspaceId: string,
  serviceId: string,
  deviceIds: readonly DeviceId[],
): Promise<ServiceError | undefined> {
  await connection.query('DELETE FROM service_grants WHERE workspace_id = $1 AND service_id = $2', [
    workspaceId,
    serviceId,
  ])
  const { rows } = await connection.query<{ deviceId: string }>(
    `INSERT INTO service_grants (workspace_id, service_id, device_id)
       SELECT $1, $2, d.device_id FROM devices d
       WHERE d.workspace_id = $1 AND d.device_id = ANY ($3) AND d.service_scope IS NULL AND d.person_id IS NULL
       RETURNING device_id AS "deviceId"`,
    [workspaceId, serviceId, deviceIds],
  )
  const stored = new Set(rows.map(({ deviceId }) => deviceId))
  const unknown = deviceIds.find((each) => !stored.has(each))
  return unknown === undefined ? undefined : notFound('device', unknown)
}

/** A key or a secret that a service is to have: what the database keeps of it, and the secret for the answer. */
export type NewCredential =
  | { readonly publicKeyJwk: EcPublicJwk; readonly keyFingerprint: string; readonly clientSecret: null }
  | { readonly publicKeyJwk: undefined; readonly keyFingerprint: null; readonly clientSecret: string }

/**
 * The service's own public key, or a new secret.
 * @throws ServiceError VALIDATION_ERROR for a key that is none
 */
export async function newCredential(publicKeyJwk: EcPublicJwk | undefined): Promise<NewCredential> {
  if (!publicKeyJwk) return { publicKeyJwk, keyFingerprint: null, clientSecret: mintSecret() }
  try {
    createPublicKey({ key: publicKeyJwk, format: 'jwk' })
  } catch {
    throw validationError([{ path: '/publicKeyJwk', message: 'must be a point on the curve P-256' }])
  }
  return { publicKeyJwk, keyFingerprint: await calculateJwkThumbprint(publicKeyJwk), clientSecret: null }
}

/**
 * Stores a key or a secret of a service.
 * @returns the refusal of a key that the service has or had
 */
export async function storeCredential(
  connection: Queryable,
  { peppers }: Runtime,
  service: ServiceAt & { readonly replacesOthers: boolean },
  credential: NewCredential,
): Promise<ServiceError | undefined> {
  const { workspaceId, serviceId, at, replacesOthers } = service
  if (credential.publicKeyJwk === undefined) {
    const token = secretAsToken(credential.clientSecret)
    const isNew = await insertToken(connection, peppers, {
      token,
      workspaceId,
      deviceId: serviceId,
      at,
      replacesOthers,
    })
    // 256 random bits.
    if (!isNew) throw new Error('a new secret is known already')
    return undefined
  }
  const { rowCount } = await connection.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at, confirmed_at, replaces_others)
       VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT DO NOTHING`,
    [workspaceId, serviceId, credential.keyFingerprint, credential.publicKeyJwk, at, replacesOthers],
  )
  return rowCount === 0
    ? new ServiceError('CONFLICT', `The service ${serviceId} has this key, or had it before; make a new one.`)
    : undefined
}
