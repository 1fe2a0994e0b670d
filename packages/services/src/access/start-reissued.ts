import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'
import { endTokens } from './device-token.ts'

/**
 * The first use of a reissued token: the device's other tokens end, with an audit entry of the device itself (ACC-12). Of
 * several first uses at once one does it.
 *
 * @returns the device as it is from then on; undefined where its rights have changed meanwhile: they are to be read again
 * @throws ServiceError UNAVAILABLE
 */
export async function startReissued(
  ctx: AdminContext,
  actor: AuthenticatedActor,
  hash: Buffer,
): Promise<AuthenticatedActor | undefined> {
  const { workspaceId, deviceId } = actor
  const at = ctx.clock.now()
  const epoch = await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, start, (started) => started !== undefined),
  )
  return epoch === undefined ? undefined : { ...actor, epoch }

  async function start(connection: Queryable): Promise<number | undefined> {
    await lockWorkspace(connection, workspaceId)
    const started = await connection.query(
      'UPDATE device_tokens SET replaces_others = false WHERE token_hash = $1 AND replaces_others AND revoked_at IS NULL',
      [hash],
    )
    if (started.rowCount === 0) return undefined
    const { outcome } = await commitWrite(
      connection,
      baseWrite(
        { ...ctx, actor },
        {
          action: 'device.start_token',
          at,
          target: { type: 'device', id: deviceId },
          changes: [],
          requestSha256: null,
          outcome: { ok: true, code: null },
        },
      ),
    )
    if (outcome !== 'done') return undefined
    await endTokens(connection, { workspaceId, deviceId, at }, { but: hash })
    const { rows } = await connection.query<{ epoch: number }>(
      'UPDATE devices SET epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2 RETURNING epoch',
      [workspaceId, deviceId],
    )
    return rows[0]?.epoch
  }
}
