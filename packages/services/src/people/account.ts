import { randomUUID } from 'node:crypto'

import type { PersonWorkspace } from '@fieldsync/contracts'
import { inTransaction, type Queryable } from '@fieldsync/db'

import { hashToken } from '../access/device-token.ts'
import { endSessions } from '../access/session.ts'
import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { lockWorkspacesOf, recordAccountEvent } from './account-events.ts'

/** The account of a password, as better-auth names it. */
const PASSWORD_PROVIDER = 'credential'

/** The workspaces that a person has access to, by name. */
export async function workspacesOfPerson(ctx: AdminContext, personId: string): Promise<PersonWorkspace[]> {
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<PersonWorkspace>(
      `SELECT w.workspace_id AS "workspaceId", w.name, d.role, d.device_id AS "deviceId"
        FROM devices d JOIN workspaces w ON w.workspace_id = d.workspace_id
        WHERE d.person_id = $1 AND d.revoked_at IS NULL ORDER BY w.name, w.workspace_id`,
      [personId],
    ),
  )
  return rows
}

/** The ids of the identity providers that a person's account is connected with, in their order. */
export async function connectedProviders(ctx: AdminContext, personId: string): Promise<string[]> {
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<{ id: string }>(
      `SELECT DISTINCT provider_id AS id FROM person_accounts
        WHERE person_id = $1 AND provider_id <> '${PASSWORD_PROVIDER}' ORDER BY 1`,
      [personId],
    ),
  )
  return rows.map(({ id }) => id)
}

/** Whether an invitation waits for the address of a person. */
export async function isInvited(ctx: AdminContext, personId: string): Promise<boolean> {
  const { rowCount } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query(
      `SELECT FROM people p JOIN invitations i ON i.email = p.email
        WHERE p.id = $1 AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $2 LIMIT 1`,
      [personId, ctx.clock.now()],
    ),
  )
  return rowCount === 1
}

/** Whether anybody has an account on this server. */
export async function hasPeople(ctx: AdminContext): Promise<boolean> {
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<{ found: boolean }>('SELECT EXISTS (SELECT FROM people) AS found'),
  )
  return rows[0]?.found ?? false
}

/** Changes a person's name, with an entry in each of their workspaces; the same name again changes nothing (PEO-19). */
export async function renamePerson(ctx: AdminContext, personId: string, name: string): Promise<void> {
  await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, async (connection) => {
      await lockWorkspacesOf(connection, personId)
      const { rowCount } = await connection.query(
        'UPDATE people SET name = $2, updated_at = $3 WHERE id = $1 AND name <> $2',
        [personId, name, ctx.clock.now()],
      )
      if (rowCount === 1) await recordAccountEvent(ctx, connection, personId, 'change_profile')
    }),
  )
}

/** Stores a person's password, hashed already, within a transaction. */
export async function storePassword(
  connection: Queryable,
  { personId, password, at }: { readonly personId: string; readonly password: string; readonly at: Date },
): Promise<void> {
  await connection.query(
    `INSERT INTO person_accounts (id, person_id, provider_id, account_id, password, created_at, updated_at)
       VALUES ($1, $2, '${PASSWORD_PROVIDER}', $2, $3, $4, $4)
       ON CONFLICT (provider_id, account_id) DO UPDATE SET password = $3, updated_at = $4`,
    [randomUUID(), personId, password, at],
  )
}

/** Changes a password, hashed already; the person's other sessions end (PEO-11). */
export async function changePassword(
  ctx: AdminContext,
  input: { readonly personId: string; readonly password: string; readonly sessionId: string },
): Promise<void> {
  const { personId, password, sessionId } = input
  await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, async (connection) => {
      await storePassword(connection, { personId, password, at: ctx.clock.now() })
      await endSessions(connection, personId, { but: sessionId })
      await recordAccountEvent(ctx, connection, personId, 'change_password')
    }),
  )
}

/** How long a code of a second factor counts as used: longer than the server accepts it. */
const USED_CODE_MS = 5 * 60_000

/**
 * Claims a code of a second factor for one use, before it is checked: of two requests with the same code one goes on (PEO-13).
 * @returns false where it was used already
 */
export async function claimCode(ctx: AdminContext, personId: string, code: string): Promise<boolean> {
  const at = ctx.clock.now()
  const codeHash = hashToken(
    ctx.runtime.pepper,
    `fieldsync.code.v1\n${personId}\n${code.replaceAll(/\s/g, '')}`,
  )
  const { rowCount } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query(
      `INSERT INTO person_used_codes AS u (person_id, code_hash, used_at) VALUES ($1, $2, $3)
         ON CONFLICT (person_id, code_hash) DO UPDATE SET used_at = $3 WHERE u.used_at < $4`,
      [personId, codeHash, at, new Date(at.getTime() - USED_CODE_MS)],
    ),
  )
  return rowCount === 1
}
