import {
  audienceOf,
  DeviceRole,
  EcPublicJwk,
  readClientId,
  Scope,
  SCOPES_OF_ROLE,
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
import { provenBy } from './authenticate-proven.ts'
import { type Client, type ClientSecret, scopesOf, verifySecret } from './client-secret.ts'
import { countProof, type Proof } from './proof.ts'
import { IS_TO_BE_WIPED, revokedDevice, revokedService } from './revoked-device.ts'
import { startCredential } from './start-credential.ts'

/** How far a device's clock may be off in an assertion; beyond, the refusal tells it the server's time. */
const CLOCK_TOLERANCE_SECONDS = 60
/** An assertion is for one use at once. */
const MAX_ASSERTION_SECONDS = 600

export type TokenRequest = {
  /** The client's own signed statement (RFC 7523), or the secret of a service. */
  readonly client: { readonly assertion: string } | ClientSecret
  /** Separated by spaces; undefined for all of the API that the client may have. */
  readonly scope: string | undefined
  /** Needed with an assertion; with a secret, it binds the token to its key (SVC-4). */
  readonly proof: Proof | undefined
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
  /** Null for a device. */
  serviceScope: string | null
}

const KEYS = `SELECT k.thumbprint, k.public_jwk AS "publicJwk", d.role, d.epoch, d.revoked_at IS NOT NULL AS "isRevoked",
    ${IS_TO_BE_WIPED} AS "isToBeWiped",
    k.ended_at IS NOT NULL AS "isEnded", k.confirmed_at IS NOT NULL AS "isConfirmed", k.first_used_at IS NULL AS "isFirst",
    d.service_scope AS "serviceScope"
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
 * Issues an access token of ten minutes, or of five for live weather, to a client that proves its key, twice: by the assertion
 * that names it, and by the proof of this request, with the same key (ACC-13); or to a service that has a secret (SVC-4). The
 * first token of a key ends the device's pre-shared tokens (ACC-14).
 *
 * @throws ServiceError AUTH_REQUIRED; FORBIDDEN, reason `scope`; UNAVAILABLE
 */
export async function issueAccessToken(ctx: AdminContext, request: TokenRequest): Promise<IssuedToken> {
  const { clock } = ctx
  const { proofs, signingKeys } = ctx.runtime
  const { proof, issuer } = request
  const client = await verifiedClient(ctx, request)
  if (proof) await countProof({ proofs, clock }, proof)
  const scopes = grantedScopes(request.scope, client.allowed)
  const asCaller = (each: AuthenticatedActor): AuthenticatedActor => ({ ...each, scopes, ...provenBy(proof) })
  const started = client.start
    ? await startCredential(ctx, asCaller(client.actor), client.start)
    : asCaller(client.actor)
  // Another first use was faster, or the client's rights have changed: they are read again.
  const actor = started ?? asCaller((await verifiedClient(ctx, request)).actor)
  const { workspaceId, deviceId, epoch } = actor
  const thumbprint = proof?.thumbprint
  const { text: accessToken, expiresIn } = await mapUnavailable(() =>
    signAccessToken({ signingKeys, clock, issuer }, { workspaceId, deviceId, scopes, epoch, thumbprint }),
  )
  return { actor, accessToken, expiresIn, scopes }
}

const verifiedClient = (ctx: AdminContext, request: TokenRequest): Promise<Client> =>
  'secret' in request.client
    ? verifySecret(ctx, request.client)
    : verifyAssertion(ctx, request, request.client.assertion)

async function verifyAssertion(ctx: AdminContext, request: TokenRequest, assertion: string): Promise<Client> {
  const { proof } = request
  if (!proof)
    throw authRequired('proof_invalid', 'A client with a key proves it with the request, too (header DPoP).')
  const claims = claimsOf(assertion)
  const device = claims && claims.iss === claims.sub ? readClientId(claims.sub) : undefined
  if (!claims || !device) throw invalidClient()
  const { workspaceId, deviceId } = device
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<KeyRow>({
      name: 'device_keys',
      text: KEYS,
      values: [workspaceId, deviceId],
    }),
  )
  const key = await signerOf(rows, assertion)
  if (!key) throw invalidClient()
  requireAudience(claims, request.audiences)
  requireTimes(claims, ctx.clock.now())
  const { thumbprint, serviceScope, epoch } = key
  if (thumbprint !== proof.thumbprint)
    throw authRequired('key_mismatch', 'The assertion and the proof are signed by different keys.')
  if (key.isRevoked)
    throw serviceScope === null ? revokedDevice(ctx, key.isToBeWiped && !key.isEnded) : revokedService()
  if (key.isEnded)
    throw serviceScope === null
      ? authRequired('revoked', 'This key has ended; enroll the device again.')
      : revokedService('This key has ended; use the new one.')
  if (!key.isConfirmed)
    throw authRequired('unconfirmed', 'An admin has to confirm the key of this device first.')
  const start = key.isFirst ? { thumbprint } : undefined
  if (serviceScope !== null) {
    const actor = { kind: 'service', workspaceId, deviceId, role: 'service', epoch } as const
    return { actor, allowed: scopesOf(serviceScope), start }
  }
  const role = DeviceRole.parse(key.role)
  const actor = { kind: 'device', workspaceId, deviceId, role, epoch } as const
  return { actor, allowed: SCOPES_OF_ROLE[role], start }
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

/**
 * The scopes that are requested and allowed; an unknown or empty request is refused. Those of one audience: by default of the
 * API (ACC-19, ACC-23).
 */
function grantedScopes(requested: string | undefined, allowed: readonly Scope[]): readonly Scope[] {
  const named = requested?.split(' ').filter((each) => each !== '')
  const known = named?.flatMap((each) => Scope.safeParse(each).data ?? [])
  const audiences = new Set(known?.map(audienceOf))
  if (audiences.size > 1)
    throw forbidden(
      'scope',
      'The scope weather:live is requested alone: its tokens have an audience of their own.',
    )
  const granted = allowed.filter((scope) => (known ? known.includes(scope) : audienceOf(scope) === 'api'))
  if (granted.length === 0 || known?.length !== named?.length)
    throw forbidden('scope', `This client may have the scopes ${allowed.join(' ')}.`)
  return granted
}
