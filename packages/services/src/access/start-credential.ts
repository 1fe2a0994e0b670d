import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'
import { endTokens } from './device-token.ts'

/** A credential that takes the place of the device's pre-shared tokens, or of a service's others, when it is first used. */
export type NewCredential = { readonly tokenHash: Buffer } | { readonly thumbprint: string }

/**
 * The first use of a reissued token, or of a key: the device's other tokens end, with an audit entry of the device itself
 * (ACC-12, ACC-14). A service has one key or secret from then on, and its access tokens by another one end (SVC-5). Of several
 * first uses at once one does it.
 *
 * @returns the device as it is from then on; undefined where its rights have changed meanwhile: they are to be read again
 * @throws ServiceError UNAVAILABLE
 */
export async function startCredential(
  ctx: AdminContext,
  actor: AuthenticatedActor,
  credential: NewCredential,
): Promise<AuthenticatedActor | undefined> {
  const { workspaceId, deviceId } = actor
  const isService = actor.kind === 'service'
  const at = ctx.clock.now()
  const epoch = await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, start, (started) => started !== undefined),
  )
  return epoch === undefined ? undefined : { ...actor, epoch }

  async function start(connection: Queryable): Promise<number | undefined> {
    await lockWorkspace(connection, workspaceId)
    if (isService) await endOtherKeys(connection)
    if (!(await isStarted(connection))) return undefined
    const { outcome } = await commitWrite(
      connection,
      baseWrite(
        { ...ctx, actor },
        {
          action: `${isService ? 'service' : 'device'}.start_${startedAs(credential, isService)}`,
          at,
          target: { type: isService ? 'service' : 'device', id: deviceId },
          changes: [],
          requestSha256: null,
          outcome: { ok: true, code: null },
        },
      ),
    )
    if (outcome !== 'done') return undefined
    const device = { workspaceId, deviceId, at }
    await endTokens(connection, device, 'tokenHash' in credential ? { but: credential.tokenHash } : 'all')
    const { rows } = await connection.query<{ epoch: number }>(
      `UPDATE devices SET epoch = epoch + 1, token_epoch = CASE WHEN $3 THEN epoch + 1 ELSE token_epoch END
        WHERE workspace_id = $1 AND device_id = $2 RETURNING epoch`,
      [workspaceId, deviceId, isService],
    )
    return rows[0]?.epoch
  }

  async function endOtherKeys(connection: Queryable): Promise<void> {
    await connection.query(
      `UPDATE device_keys SET ended_at = $4
        WHERE workspace_id = $1 AND device_id = $2 AND thumbprint IS DISTINCT FROM $3 AND ended_at IS NULL`,
      [workspaceId, deviceId, 'thumbprint' in credential ? credential.thumbprint : null, at],
    )
  }

  async function isStarted(connection: Queryable): Promise<boolean> {
    const { rowCount } =
      'tokenHash' in credential
        ? await connection.query(
            'UPDATE device_tokens SET replaces_others = false WHERE token_hash = $1 AND replaces_others AND revoked_at IS NULL',
            [credential.tokenHash],
          )
        : await connection.query(
            `UPDATE device_keys SET first_used_at = $4, replaces_others = false
              WHERE workspace_id = $1 AND device_id = $2 AND thumbprint = $3 AND first_used_at IS NULL AND ended_at IS NULL`,
            [workspaceId, deviceId, credential.thumbprint, at],
          )
    return rowCount === 1
  }
}

function startedAs(credential: NewCredential, isService: boolean): string {
  if ('thumbprint' in credential) return 'key'
  return isService ? 'secret' : 'token'
}
