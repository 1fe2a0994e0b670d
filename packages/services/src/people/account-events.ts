import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'
import { Role } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'

/** What changes by what a person signs in. */
export type AccountEvent = 'change_password' | 'reset_password' | 'start_second_factor' | 'stop_second_factor'

/**
 * Appends a change of a person's account to the chain of each of their workspaces, as an entry of their own, in the transaction
 * of the change (PEO-19). Their heads are locked in one order, so that two such changes never wait for each other.
 */
export async function recordAccountEvent(
  ctx: AdminContext,
  connection: Queryable,
  personId: string,
  event: AccountEvent,
): Promise<void> {
  const { rows } = await connection.query<{ workspaceId: string }>(
    `SELECT workspace_id AS "workspaceId" FROM devices WHERE person_id = $1 AND revoked_at IS NULL ORDER BY workspace_id`,
    [personId],
  )
  for (const { workspaceId } of rows) {
    await lockWorkspace(connection, workspaceId)
    await append(ctx, connection, { workspaceId, personId, event })
  }
}

/** The same for a change that something else has made already. */
export const noteAccountEvent = (ctx: AdminContext, personId: string, event: AccountEvent): Promise<void> =>
  mapUnavailable(() =>
    inTransaction(ctx.runtime.db, (connection) => recordAccountEvent(ctx, connection, personId, event)),
  )

async function append(
  ctx: AdminContext,
  connection: Queryable,
  of: { readonly workspaceId: string; readonly personId: string; readonly event: AccountEvent },
): Promise<void> {
  const { workspaceId, personId, event } = of
  // Again, under the lock: the access may have ended since.
  const { rows } = await connection.query<{ deviceId: string; role: string; epoch: number }>(
    `SELECT device_id AS "deviceId", role, epoch FROM devices
      WHERE workspace_id = $1 AND person_id = $2 AND revoked_at IS NULL`,
    [workspaceId, personId],
  )
  const [row] = rows
  if (!row) return
  const actor = {
    kind: 'user',
    workspaceId: WorkspaceId.parse(workspaceId),
    deviceId: DeviceId.parse(row.deviceId),
    role: Role.parse(row.role),
    epoch: row.epoch,
    personId,
  } as const
  const { outcome } = await commitWrite(
    connection,
    baseWrite(
      { ...ctx, actor },
      {
        action: `person.${event}`,
        at: ctx.clock.now(),
        target: { type: 'person', id: personId },
        changes: [],
        requestSha256: null,
        outcome: { ok: true, code: null },
      },
    ),
  )
  if (outcome !== 'done') throw new Error(`a change of an account ended as ${outcome}`)
}
