import { hash, timingSafeEqual } from 'node:crypto'

import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { Role } from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { authRequired, forbidden, refusalOf, tokenRefused } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { isAccessToken } from './access-token.ts'
import { type AccessCredential, authenticateAccess } from './authenticate-proven.ts'
import { hashesOf, rehashToken } from './device-token.ts'
import { IS_TO_BE_WIPED, revokedDevice } from './revoked-device.ts'
import { authenticateSession, type SessionCredential } from './session.ts'
import { startCredential } from './start-credential.ts'

export type Credentials = {
  /** A pre-shared token, from either header. */
  deviceToken: string | undefined
  bearer: string | undefined
  access?: AccessCredential | undefined
  /** A person's, from a cookie. */
  session?: SessionCredential | undefined
}

type CredentialRow = {
  tokenHash: Buffer
  workspaceId: string
  deviceId: string
  role: string
  epoch: number
  revoked: boolean
  isToBeWiped: boolean
  /** The token, not the device. */
  ended: boolean
  /** Reissued and not used before. */
  replacesOthers: boolean
  /** When its workspace begins to refuse pre-shared tokens; null where it does not. */
  refusedFrom: Date | null
}

const CREDENTIALS = `SELECT t.token_hash AS "tokenHash", t.workspace_id AS "workspaceId", t.device_id AS "deviceId",
    d.role, d.epoch, d.revoked_at IS NOT NULL AS revoked, ${IS_TO_BE_WIPED} AS "isToBeWiped",
    t.revoked_at IS NOT NULL AS ended, t.replaces_others AS "replacesOthers", s.tokens_refused_from AS "refusedFrom"
  FROM device_tokens t JOIN devices d ON d.workspace_id = t.workspace_id AND d.device_id = t.device_id
    LEFT JOIN workspace_settings s ON s.workspace_id = t.workspace_id
  WHERE t.token_hash = ANY ($1)`

/**
 * Who calls, from the credentials of one request: a pre-shared token, or an access token. Several
 * headers may be given: then all must verify and name the same device (ACC rules). Rights are read for every request, so a
 * revocation, or a workspace that refuses pre-shared tokens (ACC-25), acts on the next one. The first use of a reissued token
 * ends the device's others (ACC-12). The session of a person counts where no other credential is given (PEO-5).
 *
 * @throws ServiceError AUTH_REQUIRED or FORBIDDEN (`credential_mismatch`)
 */
export async function authenticate(args: {
  ctx: AdminContext
  credentials: Credentials
  /**
   * A caller with one credential that was verified before is taken from memory, unread: only for a verb that looks
   * again in its own statement, and spares a round trip by it.
   */
  fromMemory?: boolean
}): Promise<AuthenticatedActor> {
  const { ctx, credentials, fromMemory = false } = args
  const { deviceToken, bearer, access, session } = credentials
  const tokens = [deviceToken, bearer].filter((token) => token !== undefined)
  if (access) {
    const actor = await authenticateAccess(ctx, access, fromMemory && tokens.length === 0)
    if (tokens.length > 0) requireSameDevice(actor, await verify(ctx, tokens))
    return actor
  }
  const [token] = tokens
  if (token === undefined && session) return await authenticateSession(ctx, session)
  if (token === undefined)
    throw authRequired('missing', 'Send an access token with its proof, or a device token in X-Device-Token.')
  if (tokens.length > 1) return await verify(ctx, tokens)
  const memory = ctx.runtime.accessCache
  const digest = hash('sha256', token, 'base64')
  const remembered = fromMemory ? memory.get(digest)?.actor : undefined
  const known = remembered && isRefused(remembered.tokensRefusedFrom, ctx) ? undefined : remembered
  memory.delete(digest)
  const actor = known ?? (await verify(ctx, tokens))
  memory.set(digest, { actor })
  return known ? { ...known, confirm: () => authenticate({ ...args, fromMemory: false }) } : actor
}

/** Reads the rights of every token; all must be good and name the same device. */
async function verify(ctx: AdminContext, tokens: readonly string[]): Promise<AuthenticatedActor> {
  const { db, peppers } = ctx.runtime
  const hashes = tokens.map((token) => hashesOf(peppers, token))
  const { rows } = await mapUnavailable(() =>
    db.pool.query<CredentialRow>({ name: 'credentials', text: CREDENTIALS, values: [hashes.flat()] }),
  )
  const found = await Promise.all(hashes.map((accepted) => presentRow(ctx, rows, accepted)))
  const [first, second] = found.map((row, index) => verified(ctx, row, tokens[index] ?? ''))
  if (!first) throw new Error('no token to verify')
  if (second) requireSameDevice(first, second)
  const reissued = found.find((row) => row?.replacesOthers)
  if (!reissued) return first
  return (await startCredential(ctx, first, { tokenHash: reissued.tokenHash })) ?? (await verify(ctx, tokens))
}

/** The row of a token; one that is stored under a previous pepper is re-hashed before it is used. */
async function presentRow(
  ctx: AdminContext,
  rows: readonly CredentialRow[],
  hashes: readonly [Buffer, ...Buffer[]],
): Promise<CredentialRow | undefined> {
  const row = rows.find(({ tokenHash }) => hashes.some((each) => timingSafeEqual(tokenHash, each)))
  const [current] = hashes
  if (!row || row.tokenHash.equals(current)) return row
  const { db, peppers } = ctx.runtime
  await mapUnavailable(() => rehashToken(db.pool, peppers, { from: row.tokenHash, to: current }))
  return { ...row, tokenHash: current }
}

function requireSameDevice(one: AuthenticatedActor, other: AuthenticatedActor): void {
  if (one.workspaceId !== other.workspaceId || one.deviceId !== other.deviceId)
    throw forbidden('credential_mismatch', 'The two credentials of this request name different devices.')
}

/** Whether a workspace refuses pre-shared tokens by now (ACC-25). */
const isRefused = (from: Date | null | undefined, { clock }: AdminContext): boolean =>
  from != null && from <= clock.now()

function verified(ctx: AdminContext, row: CredentialRow | undefined, token: string): AuthenticatedActor {
  if (!row && isAccessToken(token))
    throw authRequired('binding', 'An access token is sent with a proof: `Authorization: DPoP` and `DPoP`.')
  if (!row) throw authRequired('invalid', 'This device token is not known here.')
  if (row.revoked) throw refusalOf(row, revokedDevice(ctx, row.isToBeWiped && !row.ended))
  if (row.ended)
    throw refusalOf(row, authRequired('revoked', 'This token has ended; set the device up with its new one.'))
  if (isRefused(row.refusedFrom, ctx)) throw refusalOf(row, tokenRefused())
  return {
    kind: 'device',
    workspaceId: WorkspaceId.parse(row.workspaceId),
    deviceId: DeviceId.parse(row.deviceId),
    role: Role.parse(row.role),
    epoch: row.epoch,
    ...(row.refusedFrom ? { tokensRefusedFrom: row.refusedFrom } : {}),
  }
}
