import { hash, randomBytes } from 'node:crypto'

import { PersonId, type SessionRecord, WorkspaceId } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { Role } from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { authRequired, forbidden } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { deviceIdOfPerson } from './person-id.ts'

/** The token of a session's cookie, and the workspace that the request is for where it names one. */
export type SessionCredential = { readonly token: string; readonly workspaceId: string | undefined }

/** A browser that is signed in, with its person. */
export type PersonSession = {
  readonly sessionId: string
  readonly personId: PersonId
  readonly name: string
  readonly email: string
  readonly twoFactor: boolean
  readonly authenticatedAt: Date
}

const TOKEN_BYTES = 32
const DAY_MS = 86_400_000
/** A session ends this long after it began, whatever it does (PEO-11). */
export const SESSION_DAYS = 30
/** One that was not used for this long has ended (PEO-11). */
export const IDLE_DAYS = 7
/** How exactly the last use is stored: a write for each request would cost more than it is worth. */
const SEEN_EVERY_MS = 60_000

/** What the database keeps of a session's token: 256 random bits need no pepper (PEO-10). */
export const hashSessionToken = (token: string): string => hash('sha256', token, 'base64url')

const isAlive = '(s.expires_at > $2 AND s.last_seen_at > $3)'
const idleSince = (now: Date): Date => new Date(now.getTime() - IDLE_DAYS * DAY_MS)

/** Begins a session, always a new one, for a person who has just proved who they are (PEO-10). */
export async function openSession(
  ctx: AdminContext,
  input: {
    personId: string
    /** Whether an identity provider has authenticated them, which counts as two factors (PEO-22). */
    byProvider: boolean
    ipAddress: string | undefined
    userAgent: string | undefined
  },
): Promise<string> {
  const token = `fsp_${randomBytes(TOKEN_BYTES).toString('base64url')}`
  const now = ctx.clock.now()
  const expiresAt = new Date(now.getTime() + SESSION_DAYS * DAY_MS)
  await mapUnavailable(() =>
    ctx.runtime.db.pool.query(
      `WITH opened AS (
         INSERT INTO person_sessions (id, person_id, token_hash, created_at, updated_at, last_seen_at, authenticated_at,
             expires_at, ip_address, user_agent, by_provider)
           VALUES ($1, $2, $3, $4, $4, $4, $4, $5, $6, $7, $8))
       UPDATE people SET last_sign_in_at = $4 WHERE id = $2`,
      [
        randomBytes(16).toString('hex'),
        input.personId,
        hashSessionToken(token),
        now,
        expiresAt,
        input.ipAddress ?? null,
        input.userAgent?.slice(0, 512) ?? null,
        input.byProvider,
      ],
    ),
  )
  return token
}

/** The session of a token; undefined where it has ended, or is none. */
export async function readSession(ctx: AdminContext, token: string): Promise<PersonSession | undefined> {
  const now = ctx.clock.now()
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<PersonSession>({
      name: 'person_session',
      text: `SELECT s.id AS "sessionId", p.id AS "personId", p.name, p.email, p.two_factor_enabled AS "twoFactor",
          s.authenticated_at AS "authenticatedAt"
        FROM person_sessions s JOIN people p ON p.id = s.person_id WHERE s.token_hash = $1 AND ${isAlive}`,
      values: [hashSessionToken(token), now, idleSince(now)],
    }),
  )
  return rows[0]
}

type MemberRow = {
  sessionId: string
  personId: string
  authenticatedAt: Date
  lastSeenAt: Date
  lastWorkspaceId: string | null
  workspaceId: string | null
  role: string | null
  epoch: number | null
  hasSecondFactor: boolean
  needsSecondFactor: boolean
}

/**
 * Who calls by a session: the person, in the workspace that the request names, else in the one that the session was last used
 * in, else in the first of theirs (PEO-5). Role and access are read for every request.
 *
 * @throws ServiceError AUTH_REQUIRED, FORBIDDEN (`membership`, `second_factor`)
 */
export async function authenticateSession(
  ctx: AdminContext,
  credential: SessionCredential,
): Promise<AuthenticatedActor> {
  const now = ctx.clock.now()
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<MemberRow>({
      name: 'session_rights',
      text: `SELECT s.id AS "sessionId", s.person_id AS "personId", s.authenticated_at AS "authenticatedAt",
          s.last_seen_at AS "lastSeenAt", s.workspace_id AS "lastWorkspaceId", d.workspace_id AS "workspaceId", d.role, d.epoch,
          (p.two_factor_enabled OR s.by_provider) AS "hasSecondFactor", coalesce(w.second_factor, false) AS "needsSecondFactor"
        FROM person_sessions s JOIN people p ON p.id = s.person_id
          LEFT JOIN devices d ON d.person_id = s.person_id AND d.revoked_at IS NULL
            AND ($4::text IS NULL OR d.workspace_id = $4)
          LEFT JOIN workspace_settings w ON w.workspace_id = d.workspace_id
        WHERE s.token_hash = $1 AND ${isAlive}
        ORDER BY d.workspace_id = s.workspace_id DESC NULLS LAST, d.created_at, d.workspace_id LIMIT 1`,
      values: [hashSessionToken(credential.token), now, idleSince(now), credential.workspaceId ?? null],
    }),
  )
  const [row] = rows
  if (!row) throw authRequired('invalid', 'This session has ended; sign in again.')
  if (row.workspaceId === null || row.role === null || row.epoch === null)
    throw forbidden('membership', 'You have no access to this workspace.')
  if (row.needsSecondFactor && !row.hasSecondFactor)
    throw forbidden('second_factor', 'This workspace requires a second factor: set yours up, then go on.')
  const isStale = now.getTime() - row.lastSeenAt.getTime() >= SEEN_EVERY_MS
  if (isStale || row.lastWorkspaceId !== row.workspaceId) await noteUse(ctx, row.sessionId, row.workspaceId)
  const personId = PersonId.parse(row.personId)
  return {
    kind: 'user',
    workspaceId: WorkspaceId.parse(row.workspaceId),
    deviceId: deviceIdOfPerson(personId),
    role: Role.parse(row.role),
    epoch: row.epoch,
    personId,
    session: {
      sessionId: row.sessionId,
      authenticatedAt: row.authenticatedAt,
      hasSecondFactor: row.hasSecondFactor,
    },
  }
}

async function noteUse(ctx: AdminContext, sessionId: string, workspaceId: string): Promise<void> {
  await mapUnavailable(() =>
    ctx.runtime.db.pool.query(
      'UPDATE person_sessions SET last_seen_at = greatest(last_seen_at, $2), workspace_id = $3 WHERE id = $1',
      [sessionId, ctx.clock.now(), workspaceId],
    ),
  )
}

/** The sessions of a person, the one used last first. */
export async function listSessions(ctx: AdminContext, current: PersonSession): Promise<SessionRecord[]> {
  const now = ctx.clock.now()
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<{
      sessionId: string
      createdAt: Date
      lastSeenAt: Date
      ipAddress: string | null
      userAgent: string | null
    }>(
      `SELECT s.id AS "sessionId", s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.ip_address AS "ipAddress",
          s.user_agent AS "userAgent"
        FROM person_sessions s WHERE s.person_id = $1 AND ${isAlive} ORDER BY s.last_seen_at DESC, s.id`,
      [current.personId, now, idleSince(now)],
    ),
  )
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    current: row.sessionId === current.sessionId,
  }))
}

/** Ends sessions of a person at once: one by its id, all but one, or all. Their live streams end. */
export async function endSessions(
  connection: Queryable,
  personId: string,
  which: { readonly sessionId: string } | { readonly but: string } | 'all',
): Promise<void> {
  const one = typeof which === 'object' && 'sessionId' in which ? which.sessionId : null
  const but = typeof which === 'object' && 'but' in which ? which.but : null
  await connection.query(
    `DELETE FROM person_sessions
      WHERE person_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR id <> $3)`,
    [personId, one, but],
  )
}

/** The person of a session has proved again who they are (PEO-12). */
export async function noteReauthenticated(ctx: AdminContext, sessionId: string): Promise<void> {
  await mapUnavailable(() =>
    ctx.runtime.db.pool.query('UPDATE person_sessions SET authenticated_at = $2 WHERE id = $1', [
      sessionId,
      ctx.clock.now(),
    ]),
  )
}
