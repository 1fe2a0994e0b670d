import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'
import { Role } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'
import { PersonalValues } from '../write/personal-values.ts'
import { personalValuesOf } from './stored-person.ts'

/** What changes of who a person is, or by what they sign in. */
export type AccountEvent =
  | 'change_password'
  | 'change_profile'
  | 'connect_provider'
  | 'reset_password'
  | 'start_second_factor'
  | 'stop_second_factor'

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
  for (const workspaceId of await lockWorkspacesOf(connection, personId))
    await append(ctx, connection, { workspaceId, personId, event })
}

/** Locks the heads of a person's workspaces, before what an erasure locks after them. @returns the workspaces */
export async function lockWorkspacesOf(connection: Queryable, personId: string): Promise<string[]> {
  const { rows } = await connection.query<{ workspaceId: string }>(
    `SELECT workspace_id AS "workspaceId" FROM devices WHERE person_id = $1 AND revoked_at IS NULL ORDER BY workspace_id`,
    [personId],
  )
  const workspaces = rows.map(({ workspaceId }) => workspaceId)
  for (const workspaceId of workspaces) await lockWorkspace(connection, workspaceId)
  return workspaces
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
  const personal = new PersonalValues(
    workspaceId,
    event === 'change_profile' ? await personalValuesOf(connection, personId) : [],
  )
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
        personal: personal.commitments,
      },
    ),
  )
  if (outcome !== 'done') throw new Error(`a change of an account ended as ${outcome}`)
  await personal.store(connection)
}
