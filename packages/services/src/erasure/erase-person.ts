import { type PersonId, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'
import type { AuditChange } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { notFound, ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { endMembership, lastAdmin, lockPerson } from '../people/stored-person.ts'
import { commitAsSystem } from '../write/admin-context.ts'

/** What has taken the place of a name; and of an address, which stays unique and is nobody's (RFC 2606). */
const NAME = '–'
export const ERASED_DOMAIN = '@erased.invalid'
const addressOf = (personId: PersonId): string => `${personId}${ERASED_DOMAIN}`

const PERSON = 'SELECT email FROM people WHERE id = $1 FOR UPDATE'
const PLACES = `SELECT DISTINCT workspace_id AS "workspaceId" FROM (
    SELECT workspace_id FROM devices WHERE person_id = $1
    UNION SELECT workspace_id FROM invitations WHERE accepted_by = $1 OR email = $2
  ) places ORDER BY 1`
const OF_THE_ACCOUNT = [
  'DELETE FROM person_sessions WHERE person_id = $1',
  'DELETE FROM person_accounts WHERE person_id = $1',
  'DELETE FROM person_two_factors WHERE person_id = $1',
  'DELETE FROM person_used_codes WHERE person_id = $1',
  'DELETE FROM password_resets WHERE person_id = $1',
]
const VERIFICATIONS = `DELETE FROM person_verifications
  WHERE strpos(value, $1) > 0 OR strpos(identifier, $1) > 0 OR strpos(lower(value), $2) > 0 OR strpos(lower(identifier), $2) > 0`
const INVITATIONS = `UPDATE invitations SET email = NULL, name = NULL,
    withdrawn_at = CASE WHEN accepted_at IS NULL THEN coalesce(withdrawn_at, $3) ELSE withdrawn_at END
  WHERE accepted_by = $1 OR email = $2`
const ACCOUNT = `UPDATE people SET name = $2, email = $3, email_verified = false, image = NULL, two_factor_enabled = false,
    updated_at = $4 WHERE id = $1`
const SUBJECTS = `SELECT DISTINCT v.subject_id AS id FROM audit_personal_values v
  WHERE v.workspace_id = $1 AND (v.subject_id = $2 OR EXISTS (
    SELECT FROM invitations i WHERE i.invitation_id = v.subject_id AND (i.accepted_by = $2 OR i.email = $3)))
  ORDER BY 1`
const VALUES = 'DELETE FROM audit_personal_values WHERE workspace_id = $1 AND subject_id = ANY ($2)'
const ANSWERS = `UPDATE sync_events SET response = '', request_sha256 = 'erased'
  WHERE workspace_id = $1 AND operation LIKE 'people.%' AND strpos(lower(response), $2) > 0`

/**
 * Erases who a person is: name, address, password, second factor, sessions, the subject at a provider, and what invitations and
 * stored answers say of them. Their access to every workspace ends. What they did stays in the audit under their id (ERA-6).
 * A person is one account in all their workspaces, so that the operator alone may do this.
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for the last administrator of a workspace, or one who was erased; UNAVAILABLE
 */
export async function erasePerson(call: {
  ctx: AdminContext
  input: { personId: PersonId; reason: string }
}): Promise<{ personId: PersonId; workspaces: string[] }> {
  const { ctx, input } = call
  return await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, (connection) => eraseLocked(ctx, connection, input)),
  )
}

async function eraseLocked(
  ctx: AdminContext,
  connection: Queryable,
  { personId, reason }: { personId: PersonId; reason: string },
): Promise<{ personId: PersonId; workspaces: string[] }> {
  const at = ctx.clock.now()
  const email = await addressIn(connection, 'SELECT email FROM people WHERE id = $1', personId)
  const { rows } = await connection.query<{ workspaceId: string }>(PLACES, [personId, email])
  const workspaces = rows.map(({ workspaceId }) => WorkspaceId.parse(workspaceId))
  // The heads before anything else, and in one order, as every change of an account takes them.
  for (const workspaceId of workspaces) await lockWorkspace(connection, workspaceId)
  if ((await addressIn(connection, PERSON, personId)) !== email)
    throw new ServiceError('CONFLICT', `The address of ${personId} has just changed; try again.`)
  for (const workspaceId of workspaces) {
    const place = await lockPerson(connection, workspaceId, personId)
    const refusal =
      place?.role === 'admin' && place.endedAt === null
        ? await lastAdmin(connection, workspaceId, personId)
        : undefined
    if (refusal) throw refusal
    if (place) await endMembership(connection, { workspaceId, personId, at, provider: null })
    await connection.query(ANSWERS, [workspaceId, email])
    const subjects = await connection.query<{ id: string }>(SUBJECTS, [workspaceId, personId, email])
    const invitations = subjects.rows.map(({ id }) => id).filter((id) => id !== personId)
    await connection.query(VALUES, [workspaceId, [personId, ...invitations]])
    await commitAsSystem(connection, ctx, workspaceId, {
      action: 'person.erase',
      at,
      target: { type: 'person', id: personId },
      reason,
      // What no value is left of, by which `audit verify` knows that it was not removed otherwise (AUD-34).
      changes: [erased('person', personId), ...invitations.map((id) => erased('invitation', id))],
    })
  }
  for (const statement of OF_THE_ACCOUNT) await connection.query(statement, [personId])
  await connection.query(VERIFICATIONS, [personId, email])
  await connection.query(INVITATIONS, [personId, email, at])
  await connection.query(ACCOUNT, [personId, NAME, addressOf(personId), at])
  return { personId, workspaces }
}

const erased = (type: string, id: string): AuditChange => ({
  type,
  id,
  kind: 'erase',
  before: null,
  after: null,
})

async function addressIn(connection: Queryable, statement: string, personId: PersonId): Promise<string> {
  const { rows } = await connection.query<{ email: string }>(statement, [personId])
  const [person] = rows
  if (!person) throw notFound('person', personId)
  if (person.email === addressOf(personId))
    throw new ServiceError('CONFLICT', `${personId} was erased before.`)
  return person.email
}
