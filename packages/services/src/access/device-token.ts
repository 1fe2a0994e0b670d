import { createHmac, randomBytes } from 'node:crypto'

import type { Queryable } from '@fieldsync/db'

import { ServiceError, settingsConflict } from '../core/service-error.ts'
import { readSettings, tokensRefusedFrom } from '../workspaces/stored-settings.ts'

/** What the database keeps of a token: useless without the pepper, which is kept elsewhere (ACC rules). */
export const hashToken = (pepper: Buffer, token: string): Buffer =>
  createHmac('sha256', pepper).update(token, 'utf8').digest()

/** A new pre-shared token: 256 random bits, with a prefix by which leaked ones can be searched for. */
export const mintToken = (): string => `fsd_${randomBytes(32).toString('base64url')}`

/** A token of one device; `replacesOthers`: its first use ends the others. */
type NewToken = {
  readonly hash: Buffer
  readonly workspaceId: string
  readonly deviceId: string
  readonly at: Date
  readonly replacesOthers: boolean
}

/**
 * Stores a token, under the workspace's lock.
 * @returns the refusal of one that is known already, whosever it is, or of any while the workspace refuses tokens (ACC-26)
 */
export async function storeToken(
  connection: Queryable,
  { hash, workspaceId, deviceId, at, replacesOthers }: NewToken,
): Promise<ServiceError | undefined> {
  const { deviceTokens } = await readSettings(connection, workspaceId)
  const from = tokensRefusedFrom(deviceTokens)
  if (from !== null && from <= at) {
    const message = 'This workspace no longer accepts device tokens; let the device enroll with a key.'
    return settingsConflict('tokens_refused', message)
  }
  const given = await connection.query(
    `INSERT INTO device_tokens (token_hash, workspace_id, device_id, created_at, replaces_others)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [hash, workspaceId, deviceId, at, replacesOthers],
  )
  return given.rowCount === 0
    ? new ServiceError('CONFLICT', 'This token belongs to a device already.')
    : undefined
}

/** Ends a device's tokens, for good: those that wait for their first use alone, or all but one. */
export async function endTokens(
  connection: Queryable,
  device: { readonly workspaceId: string; readonly deviceId: string; readonly at: Date },
  which: 'unused' | 'all' | { readonly but: Buffer },
): Promise<void> {
  const { workspaceId, deviceId, at } = device
  const but = typeof which === 'object' ? which.but : null
  await connection.query(
    `UPDATE device_tokens SET revoked_at = $3
      WHERE workspace_id = $1 AND device_id = $2 AND revoked_at IS NULL
        AND ($4 OR replaces_others) AND ($5::bytea IS NULL OR token_hash <> $5)`,
    [workspaceId, deviceId, at, which !== 'unused', but],
  )
}
