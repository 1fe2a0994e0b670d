import { PersonId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { commitAsSystem } from '../write/admin-context.ts'
import type { ProvidedPerson } from './identity-port.ts'
import { endMembership, lockPerson, personalValuesOf, roleChange, storeMembership } from './stored-person.ts'

/**
 * Brings a person's roles to what their identity provider says at this sign-in (PEO-18): a role for their groups, none without
 * one. What an admin of the workspace gave them by an invitation or a change of role stays theirs, and what an admin has ended
 * stays ended.
 */
export async function applyProviderRoles(
  ctx: AdminContext,
  providerId: string,
  { personId: id, roles }: ProvidedPerson,
): Promise<void> {
  const personId = PersonId.parse(id)
  for (const { workspaceId, role } of roles) {
    await mapUnavailable(() =>
      inTransaction(ctx.runtime.db, async (connection) => {
        await lockWorkspace(connection, workspaceId)
        const known = await connection.query('SELECT FROM workspaces WHERE workspace_id = $1', [workspaceId])
        if (known.rowCount === 0) return
        const person = await lockPerson(connection, workspaceId, personId)
        const before = person && !person.endedAt ? person.role : null
        const isOthers = person !== undefined && person.provider !== providerId
        if (isOthers || before === role) return
        const at = ctx.clock.now()
        if (role === null)
          await endMembership(connection, { workspaceId, personId, at, provider: providerId })
        else await storeMembership(connection, { workspaceId, personId, role, at, provider: providerId })
        await commitAsSystem(connection, ctx, workspaceId, {
          action: role === null ? 'person.end_access' : before === null ? 'person.accept' : 'person.set_role',
          at,
          target: { type: 'person', id: personId },
          changes: [roleChange(personId, before, role)],
          personal: before === null ? await personalValuesOf(connection, personId) : [],
        })
      }),
    )
  }
}
