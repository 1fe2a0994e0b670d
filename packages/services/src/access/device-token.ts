import { createHmac, randomBytes } from 'node:crypto'

import type { Queryable } from '@fieldsync/db'

import { pepperId, type Peppers } from '../core/derived-key.ts'
import { ServiceError, settingsConflict } from '../core/service-error.ts'
import { readSettings, tokensRefusedFrom } from '../workspaces/stored-settings.ts'

/** What the database keeps of a token: useless without the pepper, which is kept elsewhere (ACC rules). */
export const hashToken = (pepper: Buffer, token: string): Buffer =>
  createHmac('sha256', pepper).update(token, 'utf8').digest()

/** The hashes under which a token may be stored: the present one first (ACC-22). */
export const hashesOf = (peppers: Peppers, token: string): readonly [Buffer, ...Buffer[]] => {
  const [current, ...previous] = peppers
  return [hashToken(current, token), ...previous.map((pepper) => hashToken(pepper, token))]
}

/** A new pre-shared token: 256 random bits, with a prefix by which leaked ones can be searched for. */
export const mintToken = (prefix = 'fsd_'): string => `${prefix}${randomBytes(32).toString('base64url')}`

/** A token of one device; `replacesOthers`: its first use ends the others. */
type NewToken = {
  readonly token: string
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
  peppers: Peppers,
  token: NewToken,
): Promise<ServiceError | undefined> {
  const { deviceTokens } = await readSettings(connection, token.workspaceId)
  const from = tokensRefusedFrom(deviceTokens)
  if (from !== null && from <= token.at) {
    const message = 'This workspace no longer accepts device tokens; let the device enroll with a key.'
    return settingsConflict('tokens_refused', message)
  }
  return (await insertToken(connection, peppers, token))
    ? undefined
    : new ServiceError('CONFLICT', 'This token belongs to a device already.')
}

/**
 * Stores the hash of a token, or of what is looked up as one.
 * @returns false for one that is known already, also under a previous pepper
 */
export async function insertToken(
  connection: Queryable,
  peppers: Peppers,
  { token, workspaceId, deviceId, at, replacesOthers }: NewToken,
): Promise<boolean> {
  const [hash, ...previous] = hashesOf(peppers, token)
  const { rowCount } = await connection.query(
    `INSERT INTO device_tokens (token_hash, workspace_id, device_id, created_at, replaces_others, pepper_id)
       SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM device_tokens WHERE token_hash = ANY ($7))
       ON CONFLICT DO NOTHING`,
    [hash, workspaceId, deviceId, at, replacesOthers, pepperId(peppers[0]), previous],
  )
  return rowCount === 1
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

/**
 * Re-hashes a token that is stored under a previous pepper (ACC-22). Another server may do the same at once. It need not
 * outlive a crash, so no request waits for a standby because of it.
 */
export async function rehashToken(
  connection: Queryable,
  [current]: Peppers,
  { from, to }: { readonly from: Buffer; readonly to: Buffer },
): Promise<void> {
  await connection.query(
    `WITH durability AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
     UPDATE device_tokens SET token_hash = $2, pepper_id = $3 FROM durability WHERE token_hash = $1`,
    [from, to, pepperId(current)],
  )
}
