import {
  ACCESS_TOKEN_SECONDS,
  type DeviceId,
  DeviceRole,
  EcPublicJwk,
  readClientId,
  Scope,
  SCOPES_OF_ROLE,
  type WorkspaceId,
} from '@fieldsync/contracts'
import { compactVerify, decodeJwt } from 'jose'
import { z } from 'zod'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { ES256, importPublicKey } from '../core/es256.ts'
import type { ServiceError } from '../core/service-error.ts'
import { authRequired, forbidden } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { signAccessToken } from './access-token.ts'
import { countProof, type Proof } from './proof.ts'
import { IS_TO_BE_WIPED, revokedDevice } from './revoked-device.ts'
import { startCredential } from './start-credential.ts'

/** How far a device's clock may be off in an assertion; beyond, the refusal tells it the server's time. */
const CLOCK_TOLERANCE_SECONDS = 60
/** An assertion is for one use at once. */
const MAX_ASSERTION_SECONDS = 600

export type TokenRequest = {
  /** The client's own signed statement (RFC 7523). */
  readonly assertion: string
  /** Separated by spaces; undefined for all that the role has. */
  readonly scope: string | undefined
  readonly proof: Proof
  /** This server, and the addresses that an assertion may name as its audience. */
  readonly issuer: string
  readonly audiences: readonly string[]
}

export type IssuedToken = {
  readonly actor: AuthenticatedActor
  readonly accessToken: string
  readonly expiresIn: number
  readonly scopes: readonly Scope[]
}

type KeyRow = {
  thumbprint: string
  publicJwk: unknown
  role: string
  epoch: number
  isRevoked: boolean
  isToBeWiped: boolean
  isEnded: boolean
  isConfirmed: boolean
  isFirst: boolean
}

const KEYS = `SELECT k.thumbprint, k.public_jwk AS "publicJwk", d.role, d.epoch, d.revoked_at IS NOT NULL AS "isRevoked",
    ${IS_TO_BE_WIPED} AS "isToBeWiped",
    k.ended_at IS NOT NULL AS "isEnded", k.confirmed_at IS NOT NULL AS "isConfirmed", k.first_used_at IS NULL AS "isFirst"
  FROM device_keys k JOIN devices d ON d.workspace_id = k.workspace_id AND d.device_id = k.device_id
  WHERE k.workspace_id = $1 AND k.device_id = $2
  ORDER BY k.ended_at IS NOT NULL, k.created_at DESC LIMIT 10`

const Claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
})
type Claims = z.infer<typeof Claims>

/**
 * Issues an access token of ten minutes to a device that proves its key, twice: by the assertion that names it, and by the
 * proof of this request, with the same key (ACC-13). The first token of a key ends the device's pre-shared tokens (ACC-14).
 *
 * @throws ServiceError AUTH_REQUIRED; FORBIDDEN, reason `scope`; UNAVAILABLE
 */
export async function issueAccessToken(ctx: AdminContext, request: TokenRequest): Promise<IssuedToken> {
  const { clock } = ctx
  const { nonces, signingKeys } = ctx.runtime
  const { proof, issuer } = request
  const client = await verifiedClient(ctx, request)
  countProof({ nonces, clock }, proof)
  const { workspaceId, deviceId } = client
  const scopes = grantedScopes(request.scope, client.role)
  const { thumbprint, jti, bodySha256 } = proof
  const proven = { scopes, thumbprint, jti, bodySha256 }
  const actor: AuthenticatedActor = { ...client.actor, proven }
  if (client.isFirst && !(await startCredential(ctx, actor, { thumbprint }))) {
    // Another first use was faster, or the device's rights have changed: they are read again.
    await verifiedClient(ctx, request)
  }
  const accessToken = await mapUnavailable(() =>
    signAccessToken(
      { signingKeys, clock, issuer },
      { workspaceId, deviceId, scopes, epoch: actor.epoch, thumbprint },
    ),
  )
  return { actor, accessToken, expiresIn: ACCESS_TOKEN_SECONDS, scopes }
}

type Client = {
  readonly workspaceId: WorkspaceId
  readonly deviceId: DeviceId
  readonly role: DeviceRole
  readonly actor: AuthenticatedActor
  /** The key was not used before. */
  readonly isFirst: boolean
}

async function verifiedClient(ctx: AdminContext, request: TokenRequest): Promise<Client> {
  const claims = claimsOf(request.assertion)
  const device = claims && deviceOf(claims)
  if (!device) throw invalidClient()
  const { workspaceId, deviceId } = device
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<KeyRow>({
      name: 'device_keys',
      text: KEYS,
      values: [workspaceId, deviceId],
    }),
  )
  const key = await signerOf(rows, request.assertion)
  if (!key) throw invalidClient()
  requireAudience(claims, request.audiences)
  requireTimes(claims, ctx.clock.now())
  if (key.thumbprint !== request.proof.thumbprint)
    throw authRequired('key_mismatch', 'The assertion and the proof are signed by different keys.')
  if (key.isRevoked) throw revokedDevice(ctx, key.isToBeWiped && !key.isEnded)
  if (key.isEnded) throw authRequired('revoked', 'This key has ended; enroll the device again.')
  if (!key.isConfirmed)
    throw authRequired('unconfirmed', 'An admin has to confirm the key of this device first.')
  const role = DeviceRole.parse(key.role)
  const actor = { kind: 'device', workspaceId, deviceId, role, epoch: key.epoch } as const
  return { workspaceId, deviceId, role, actor, isFirst: key.isFirst }
}

const invalidClient = (): ServiceError =>
  authRequired('invalid', 'The client assertion is not one of a device that is enrolled here.')

function claimsOf(assertion: string): Claims | undefined {
  try {
    return Claims.safeParse(decodeJwt(assertion)).data
  } catch {
    return undefined
  }
}

/** The device that an assertion names, in both claims. */
const deviceOf = ({ iss, sub }: Claims): ReturnType<typeof readClientId> =>
  iss === sub ? readClientId(sub) : undefined

/** The key of the device that signed the assertion. */
async function signerOf(keys: readonly KeyRow[], assertion: string): Promise<KeyRow | undefined> {
  for (const key of keys) {
    try {
      await compactVerify(assertion, await importPublicKey(EcPublicJwk.parse(key.publicJwk)), {
        algorithms: [ES256],
      })
      return key
    } catch {
      // Of another key.
    }
  }
  return undefined
}

function requireAudience({ aud }: Claims, accepted: readonly string[]): void {
  const named = typeof aud === 'string' ? [aud] : aud
  if (!named.some((each) => accepted.includes(each)))
    throw authRequired('invalid', 'The client assertion is for another server.')
}

/** The times in an assertion are the device's: a wrong clock is reported, so that the device corrects itself. */
function requireTimes({ exp, iat = exp, nbf = iat }: Claims, at: Date): void {
  const now = at.getTime() / 1000
  const isNow =
    exp > now - CLOCK_TOLERANCE_SECONDS &&
    exp <= now + MAX_ASSERTION_SECONDS + CLOCK_TOLERANCE_SECONDS &&
    Math.max(iat, nbf) <= Math.max(now, exp) + CLOCK_TOLERANCE_SECONDS
  if (!isNow)
    throw authRequired('clock_skew', 'The client assertion is not valid now; set the clock by this answer.')
}

/** The scopes that are requested and that the role may have; an unknown or empty request is refused. */
function grantedScopes(requested: string | undefined, role: DeviceRole): readonly Scope[] {
  const allowed = SCOPES_OF_ROLE[role]
  if (requested === undefined) return allowed
  const named = requested.split(' ').filter((each) => each !== '')
  const granted = allowed.filter((scope) => named.includes(scope))
  const isKnown = named.every((each) => Scope.safeParse(each).success)
  if (granted.length === 0 || !isKnown)
    throw forbidden('scope', `The role ${role} may have the scopes ${allowed.join(' ')}.`)
  return granted
}
