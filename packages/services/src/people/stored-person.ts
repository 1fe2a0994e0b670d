import { DeviceRole, type PersonId } from '@fieldsync/contracts'
import type { DeviceId } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { type AuditChange, canonicalText } from '@fieldsync/domain'

import { deviceIdOfPerson } from '../access/person-id.ts'
import { sha256 } from '../core/json-text.ts'
import { peopleConflict, type ServiceError } from '../core/service-error.ts'
import type { PersonalValue } from '../write/personal-values.ts'

/** A person as a change of their place in a workspace finds it. */
type StoredPerson = {
  readonly deviceId: DeviceId
  readonly role: DeviceRole
  readonly endedAt: Date | null
  /** That determines the role; null where admins do. */
  readonly provider: string | null
}

/** Reads a person's row in a workspace for a change, and locks it until the transaction ends. */
export async function lockPerson(
  connection: Queryable,
  workspaceId: string,
  personId: PersonId,
): Promise<StoredPerson | undefined> {
  const { rows } = await connection.query<{ role: string; endedAt: Date | null; provider: string | null }>(
    `SELECT role, revoked_at AS "endedAt", role_provider AS provider FROM devices WHERE workspace_id = $1 AND person_id = $2 FOR UPDATE`,
    [workspaceId, personId],
  )
  const [row] = rows
  return row && { ...row, deviceId: deviceIdOfPerson(personId), role: DeviceRole.parse(row.role) }
}

/** A place in a workspace, with the role that it has from now on. */
export type Membership = {
  readonly workspaceId: string
  readonly personId: PersonId
  readonly role: DeviceRole
  readonly at: Date
  /** The provider that determines the role; null where admins do. */
  readonly provider: string | null
}

/** Lets a person into a workspace, for the first time or again, and returns the epoch of their rights. */
export async function storeMembership(
  connection: Queryable,
  { workspaceId, personId, role, at, provider }: Membership,
): Promise<number> {
  const { rows } = await connection.query<{ epoch: number }>(
    `INSERT INTO devices (workspace_id, device_id, role, epoch, created_at, person_id, role_provider)
       VALUES ($1, $2, $3, 1, $4, $5, $6)
       ON CONFLICT (workspace_id, device_id) DO UPDATE
         SET role = $3, epoch = devices.epoch + 1, revoked_at = NULL, role_provider = $6
       RETURNING epoch`,
    [workspaceId, deviceIdOfPerson(personId), role, at, personId, provider],
  )
  return rows[0]?.epoch ?? 1
}

/** Changes the role of a person who has a place in the workspace. */
export async function updateRole(
  connection: Queryable,
  { workspaceId, personId, role, provider }: Omit<Membership, 'at'>,
): Promise<void> {
  await connection.query(
    `UPDATE devices SET role = $3, epoch = epoch + 1, role_provider = $4 WHERE workspace_id = $1 AND person_id = $2`,
    [workspaceId, personId, role, provider],
  )
}

/**
 * Ends a person's place in the workspace, from their next request on; a write under way is refused at its commit. What a
 * provider has ended it may give again, what an admin has ended only an admin (PEO-18).
 */
export async function endMembership(
  connection: Queryable,
  { workspaceId, personId, at, provider }: Omit<Membership, 'role'>,
): Promise<void> {
  await connection.query(
    `UPDATE devices SET revoked_at = $3, epoch = epoch + 1, token_epoch = epoch + 1, role_provider = $4
      WHERE workspace_id = $1 AND person_id = $2 AND revoked_at IS NULL`,
    [workspaceId, personId, at, provider],
  )
}

/** What the audit says of a change of role; null for none, before the first or after the last. */
export function roleChange(
  personId: PersonId,
  before: DeviceRole | null,
  after: DeviceRole | null,
): AuditChange {
  const hashed = (role: DeviceRole | null): string | null =>
    role === null ? null : sha256(canonicalText({ personId, role }))
  const kind = before === null ? 'create' : after === null ? 'delete' : 'update'
  return {
    type: 'person',
    id: personId,
    kind,
    before: hashed(before),
    after: hashed(after),
    paths: ['/role'],
  }
}

/** Who a person is at present, for an entry that is about it (AUD-34). */
export async function personalValuesOf(connection: Queryable, personId: string): Promise<PersonalValue[]> {
  const { rows } = await connection.query<{ name: string; email: string }>(
    'SELECT name, email FROM people WHERE id = $1',
    [personId],
  )
  return rows.flatMap(({ name, email }) => [
    { kind: 'name' as const, of: personId, value: name },
    { kind: 'email' as const, of: personId, value: email },
  ])
}

/** The refusal of a change that somebody without access cannot have. */
export const hasNoAccess = (personId: string): ServiceError =>
  peopleConflict('access_ended', `The access of ${personId} to this workspace has ended; invite them again.`)

/** The refusal of a change that would leave a workspace without a person who may administer it. */
export async function lastAdmin(
  connection: Queryable,
  workspaceId: string,
  personId: PersonId,
): Promise<ServiceError | undefined> {
  const { rows } = await connection.query<{ others: boolean }>(
    `SELECT EXISTS (SELECT FROM devices WHERE workspace_id = $1 AND role = 'admin' AND revoked_at IS NULL
       AND person_id IS DISTINCT FROM $2) AS others`,
    [workspaceId, personId],
  )
  if (rows[0]?.others) return undefined
  return peopleConflict(
    'last_admin',
    'This is the last administrator of the workspace; make another one first.',
  )
}
