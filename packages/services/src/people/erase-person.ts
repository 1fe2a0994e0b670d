import { PersonId, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'

import type { AdminContext } from '../core/context.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { commitAsSystem } from '../write/admin-context.ts'
import { endMembership, lockPerson, roleChange } from './stored-person.ts'

/** What an erased person is called from then on. */
const ERASED_NAME = 'Erased person'

/** Where what a person signs in by is stored; the account itself stays, as a name for their records. */
const SIGN_IN_TABLES = [
  'person_sessions',
  'person_accounts',
  'person_two_factors',
  'person_used_codes',
  'password_resets',
] as const

/**
 * Erases who a person is, for good: name, address, sessions, password, second factor and their subject at identity providers, also
 * from invitations and stored answers (PEO-20). Their access ends everywhere, with an entry and the reason in each chain; records
 * and entries keep the id, which says nothing about them. For the operator alone, since it concerns all their workspaces.
 *
 * @returns the workspaces in whose chains it is
 * @throws ServiceError NOT_FOUND, UNAVAILABLE
 */
export async function erasePerson(
  ctx: AdminContext,
  { email, reason }: { readonly email: string; readonly reason: string },
): Promise<{ personId: PersonId; workspaceIds: WorkspaceId[] }> {
  return await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, async (connection) => {
      const address = email.toLowerCase()
      const { rows } = await connection.query<{ id: string }>('SELECT id FROM people WHERE email = $1', [
        address,
      ])
      if (!rows[0]) throw new ServiceError('NOT_FOUND', 'There is nobody with this address.')
      const personId = PersonId.parse(rows[0].id)
      const workspaceIds = await endEverywhere(ctx, connection, personId, reason)
      for (const table of SIGN_IN_TABLES)
        await connection.query(`DELETE FROM ${table} WHERE person_id = $1`, [personId])
      const erased = `${personId}@erased.invalid`
      await connection.query(
        `UPDATE people SET name = $2, email = $3, image = NULL, email_verified = false, two_factor_enabled = false,
            last_sign_in_at = NULL, updated_at = $4
          WHERE id = $1`,
        [personId, ERASED_NAME, erased, ctx.clock.now()],
      )
      await forgetInvitations(connection, { address, erased, at: ctx.clock.now() })
      return { personId, workspaceIds }
    }),
  )
}

async function endEverywhere(
  ctx: AdminContext,
  connection: Queryable,
  personId: PersonId,
  reason: string,
): Promise<WorkspaceId[]> {
  const { rows } = await connection.query<{ workspaceId: string }>(
    'SELECT workspace_id AS "workspaceId" FROM devices WHERE person_id = $1 ORDER BY workspace_id',
    [personId],
  )
  const workspaceIds = rows.map(({ workspaceId }) => WorkspaceId.parse(workspaceId))
  for (const workspaceId of workspaceIds) {
    await lockWorkspace(connection, workspaceId)
    const person = await lockPerson(connection, workspaceId, personId)
    const at = ctx.clock.now()
    await endMembership(connection, { workspaceId, personId, at })
    await commitAsSystem(connection, ctx, workspaceId, {
      action: 'person.erase',
      at,
      target: { type: 'person', id: personId },
      changes: person && !person.endedAt ? [roleChange(personId, person.role, null)] : [],
      reason,
    })
  }
  return workspaceIds
}

/** An open invitation of the address ends; what remains of any says that there was one. */
async function forgetInvitations(
  connection: Queryable,
  { address, erased, at }: { readonly address: string; readonly erased: string; readonly at: Date },
): Promise<void> {
  await connection.query(
    `UPDATE invitations SET email = $2, name = NULL,
        withdrawn_at = CASE WHEN accepted_at IS NULL THEN coalesce(withdrawn_at, $3) END
      WHERE email = $1`,
    [address, erased, at],
  )
  // The answer of an invitation repeats the address; a retry of it invites again.
  await connection.query(
    `DELETE FROM sync_events WHERE operation = 'people.invite' AND response::json->>'email' = $1`,
    [address],
  )
}
