import type { PersonId, WorkspaceId } from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'

import { deviceIdOfPerson, newPersonId } from '../access/person-id.ts'
import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { peopleConflict, ServiceError, validationError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'
import { PersonalValues } from '../write/personal-values.ts'
import { storePassword } from './account.ts'
import { invalidLink, openInvitation, type OpenInvitation } from './invitation-code.ts'
import { personalValuesOf, roleChange, storeMembership } from './stored-person.ts'

/** How an invitation is accepted: with a new account, or by somebody who is signed in. */
export type Acceptance = {
  readonly code: string
  readonly by:
    | { readonly personId: PersonId }
    | {
        readonly name: string | undefined
        readonly email: string | undefined
        /** Hashed already. */
        readonly password: string
      }
}

type Done = { readonly personId: PersonId; readonly workspaceId: WorkspaceId }

/**
 * Accepts an invitation: the account of a new person, their place in the workspace and the end of the code in one transaction,
 * with an audit entry of the person's own. Of several at once one succeeds (PEO-7). Somebody who has an account signs in first,
 * under the address that was invited.
 *
 * @throws ServiceError ENROLLMENT_INVALID; CONFLICT for an address that has an account; VALIDATION_ERROR; UNAVAILABLE
 */
export async function acceptInvitation(ctx: AdminContext, acceptance: Acceptance): Promise<Done> {
  const { db } = ctx.runtime
  // Looked up first, since the workspace is locked before anything in it.
  const found = await mapUnavailable(() => openInvitation(ctx, db.pool, acceptance.code))
  if (!found) throw invalidLink()
  const result = await mapUnavailable(() =>
    inTransaction(
      db,
      (connection) => accept(ctx, connection, found.workspaceId, acceptance),
      (each) => !(each instanceof ServiceError),
    ),
  )
  if (result instanceof ServiceError) throw result
  return result
}

async function accept(
  ctx: AdminContext,
  connection: Queryable,
  workspaceId: WorkspaceId,
  { code, by }: Acceptance,
): Promise<Done | ServiceError> {
  await lockWorkspace(connection, workspaceId)
  const invitation = await openInvitation(ctx, connection, code)
  if (!invitation) return invalidLink()
  const at = ctx.clock.now()
  const personId =
    'personId' in by
      ? await ofAccount(connection, invitation, by.personId)
      : await newAccount(connection, invitation, { ...by, at })
  if (personId instanceof ServiceError) return personId
  const { rowCount } = await connection.query(
    `UPDATE invitations SET accepted_at = $2, accepted_by = $3
      WHERE invitation_id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL`,
    [invitation.invitationId, at, personId],
  )
  if (rowCount !== 1) return invalidLink()
  const { role } = invitation
  const epoch = await storeMembership(connection, { workspaceId, personId, role, at, provider: null })
  const deviceId = deviceIdOfPerson(personId)
  const personal = new PersonalValues(workspaceId, await personalValuesOf(connection, personId))
  const actor: AuthenticatedActor = { kind: 'user', workspaceId, deviceId, role, epoch, personId }
  const { outcome } = await commitWrite(
    connection,
    baseWrite(
      { ...ctx, actor },
      {
        action: 'person.accept',
        at,
        target: { type: 'invitation', id: invitation.invitationId },
        changes: [roleChange(personId, null, role)],
        requestSha256: null,
        outcome: { ok: true, code: null },
        personal: personal.commitments,
      },
    ),
  )
  if (outcome !== 'done') throw new Error(`an acceptance ended as ${outcome}`)
  await personal.store(connection)
  return { personId, workspaceId }
}

/** The person of an account that exists: only the one who was invited. */
async function ofAccount(
  connection: Queryable,
  invitation: OpenInvitation,
  personId: PersonId,
): Promise<PersonId | ServiceError> {
  if (invitation.email === null || invitation.personId === personId) return personId
  const { rows } = await connection.query<{ email: string }>('SELECT email FROM people WHERE id = $1', [
    personId,
  ])
  return peopleConflict(
    'other_account',
    `This invitation is for ${invitation.email}; you are signed in as ${rows[0]?.email ?? 'somebody else'}.`,
  )
}

async function newAccount(
  connection: Queryable,
  invitation: OpenInvitation,
  given: { name: string | undefined; email: string | undefined; password: string; at: Date },
): Promise<PersonId | ServiceError> {
  const email = invitation.email ?? given.email?.toLowerCase()
  const name = given.name ?? invitation.name ?? undefined
  if (email === undefined) return missing('email')
  if (name === undefined) return missing('name')
  const personId = newPersonId()
  const { rowCount } = await connection.query(
    // Whoever has the link has not shown that the address is theirs (PEO-20).
    `INSERT INTO people (id, name, email, email_verified, created_at, updated_at) VALUES ($1, $2, $3, false, $4, $4)
       ON CONFLICT DO NOTHING`,
    [personId, name, email, given.at],
  )
  if (rowCount !== 1)
    return peopleConflict('has_account', 'This address has an account: sign in, then open the link again.')
  await storePassword(connection, { personId, password: given.password, at: given.at })
  return personId
}

const missing = (field: string): ServiceError =>
  validationError([{ path: `/${field}`, message: 'is required' }])
