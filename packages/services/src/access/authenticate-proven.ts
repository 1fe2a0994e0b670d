import { hash } from 'node:crypto'

import { DeviceId, type TokenAudience } from '@fieldsync/contracts'
import { Role } from '@fieldsync/domain'

import type { AccessToken, AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { authRequired, refusalOf, type ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { verifyAccessToken } from './access-token.ts'
import { countProof, type Proof, type ProvenRequest, verifyProof } from './proof.ts'
import { IS_TO_BE_WIPED, revokedDevice, revokedService } from './revoked-device.ts'

/** An access token as a request carries it: as `DPoP`, with a proof of its key (RFC 9449), or as `Bearer` (RFC 6750). */
export type AccessCredential = {
  readonly scheme: 'DPoP' | 'Bearer'
  readonly accessToken: string
  readonly proof: string | undefined
  readonly request: ProvenRequest
  /** This server, as its access tokens name it. */
  readonly issuer: string
  /** What the request is for. */
  readonly audience: TokenAudience
}

type RightsRow = {
  role: string
  epoch: number
  tokenEpoch: number
  revoked: boolean
  isToBeWiped: boolean
  /** The devices that a service may write for; null for a device. */
  granted: string[] | null
}

// A key that was replaced has nothing to wipe: its device got another one before.
const RIGHTS = `SELECT d.role, d.epoch, d.token_epoch AS "tokenEpoch", d.revoked_at IS NOT NULL AS revoked,
    ${IS_TO_BE_WIPED} AND EXISTS (SELECT FROM device_keys k
      WHERE k.workspace_id = $1 AND k.device_id = $2 AND k.thumbprint = $3 AND k.ended_at IS NULL) AS "isToBeWiped",
    CASE WHEN d.service_scope IS NOT NULL THEN ARRAY(
      SELECT g.device_id FROM service_grants g JOIN devices o ON o.workspace_id = g.workspace_id AND o.device_id = g.device_id
      WHERE g.workspace_id = d.workspace_id AND g.service_id = d.device_id AND o.revoked_at IS NULL
    ) END AS granted
  FROM devices d WHERE d.workspace_id = $1 AND d.device_id = $2`

/**
 * Who calls with an access token: the token is one of this server and not expired, its key is proven for this very request,
 * for the first time, and the device may still call (ACC-15 to ACC-17). A token without a key is a bearer (SVC-4).
 *
 * @param fromMemory the rights of a caller known from earlier requests are not read
 * @throws ServiceError AUTH_REQUIRED
 */
export async function authenticateAccess(
  ctx: AdminContext,
  { scheme, accessToken, proof: text, request, issuer, audience }: AccessCredential,
  fromMemory: boolean,
): Promise<AuthenticatedActor> {
  const { runtime, clock } = ctx
  const { accessCache: memory, nonces, proofs, signingKeys } = runtime
  const digest = hash('sha256', `${issuer} ${audience} ${accessToken}`, 'base64')
  const known = memory.get(digest)
  memory.delete(digest)
  const isValid = known?.token !== undefined && known.token.expiresAt > clock.now().getTime()
  const token =
    (isValid ? known.token : undefined) ??
    (await mapUnavailable(() => verifyAccessToken({ signingKeys, clock, issuer }, accessToken, audience)))
  const proof = scheme === 'DPoP' ? await requestProof() : undefined
  if (proof?.thumbprint !== token.thumbprint) throw refusalOf(token, wrongBinding(proof))
  if (proof) await countProof({ proofs, clock }, proof)
  const actor = isValid && fromMemory ? known.actor : await readRights(ctx, token)
  memory.set(digest, { actor, token })
  const called = { scopes: token.scopes, ...(proof ? provenBy(proof) : { bearerJti: token.jti }) }
  if (!isValid || !fromMemory) return { ...actor, ...called }
  const confirm = async (): Promise<AuthenticatedActor> => {
    memory.delete(digest)
    const present = await readRights(ctx, token)
    memory.set(digest, { actor: present, token })
    return { ...present, ...called }
  }
  return { ...actor, ...called, confirm }

  async function requestProof(): Promise<Proof> {
    if (text === undefined)
      throw authRequired('proof_invalid', 'The request has no proof for its access token (header DPoP).')
    return await verifyProof({ nonces, clock }, text, request, accessToken)
  }
}

function wrongBinding(proof: Proof | undefined): ServiceError {
  return authRequired(
    'binding',
    proof
      ? 'The access token is bound to another key than the proof, or to none.'
      : 'This access token is sent with a proof: `Authorization: DPoP` and `DPoP`.',
  )
}

/** What an actor keeps of the proof of its request. */
export const provenBy = (proof: Proof | undefined): Pick<AuthenticatedActor, 'proven'> =>
  proof ? { proven: { thumbprint: proof.thumbprint, jti: proof.jti, bodySha256: proof.bodySha256 } } : {}

async function readRights(ctx: AdminContext, token: AccessToken): Promise<AuthenticatedActor> {
  const { workspaceId, deviceId, epoch, thumbprint } = token
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<RightsRow>({
      name: 'token_rights',
      text: RIGHTS,
      values: [workspaceId, deviceId, thumbprint],
    }),
  )
  const [row] = rows
  if (!row) throw authRequired('invalid', 'This device is not known here.')
  if (row.revoked)
    throw refusalOf(token, row.granted ? revokedService() : revokedDevice(ctx, row.isToBeWiped))
  if (epoch < row.tokenEpoch)
    throw refusalOf(token, authRequired('expired', 'This access token was ended; get a new one.'))
  const actor = { workspaceId, deviceId, role: Role.parse(row.role), epoch: row.epoch }
  if (!row.granted) return { ...actor, kind: 'device' }
  return { ...actor, kind: 'service', grantedDevices: row.granted.map((each) => DeviceId.parse(each)) }
}
