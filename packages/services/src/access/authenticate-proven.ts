import { hash } from 'node:crypto'

import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { Role } from '@fieldsync/domain'

import type { AccessToken, AuthenticatedActor, KnownCaller } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { authRequired } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { verifyAccessToken } from './access-token.ts'
import { countProof, type Proof, type ProvenRequest, verifyProof } from './proof.ts'
import { IS_TO_BE_WIPED, revokedDevice } from './revoked-device.ts'

/** The credential of `Authorization: DPoP` and `DPoP` (RFC 9449). */
export type ProvenCredential = {
  readonly accessToken: string
  readonly proof: string | undefined
  readonly request: ProvenRequest
  /** This server, as its access tokens name it. */
  readonly issuer: string
}

/** Callers in memory; beyond, the one whose last call is the longest ago is dropped. */
const MAX_REMEMBERED = 10_000

/** Remembers a verified caller as the one that called last. */
export function remember(memory: Map<string, KnownCaller>, digest: string, caller: KnownCaller): void {
  memory.set(digest, caller)
  if (memory.size > MAX_REMEMBERED) memory.delete(memory.keys().next().value ?? '')
}

type RightsRow = { role: string; epoch: number; tokenEpoch: number; revoked: boolean; isToBeWiped: boolean }

// A key that was replaced has nothing to wipe: its device got another one before.
const RIGHTS = `SELECT d.role, d.epoch, d.token_epoch AS "tokenEpoch", d.revoked_at IS NOT NULL AS revoked,
    ${IS_TO_BE_WIPED} AND EXISTS (SELECT FROM device_keys k
      WHERE k.workspace_id = $1 AND k.device_id = $2 AND k.thumbprint = $3 AND k.ended_at IS NULL) AS "isToBeWiped"
  FROM devices d WHERE d.workspace_id = $1 AND d.device_id = $2`

/**
 * Who calls with an access token: the token is one of this server and not expired, its key is proven for this very request,
 * for the first time, and the device may still call (ACC-15 to ACC-17).
 *
 * @param fromMemory the rights of a caller known from earlier requests are not read
 * @throws ServiceError AUTH_REQUIRED
 */
export async function authenticateProven(
  ctx: AdminContext,
  { accessToken, proof: text, request, issuer }: ProvenCredential,
  fromMemory: boolean,
): Promise<AuthenticatedActor> {
  const { runtime, clock } = ctx
  const { accessCache: memory, nonces, signingKeys } = runtime
  const digest = hash('sha256', `${issuer} ${accessToken}`, 'base64')
  const known = memory.get(digest)
  memory.delete(digest)
  const isValid = known?.token !== undefined && known.token.expiresAt > clock.now().getTime()
  const token =
    (isValid ? known.token : undefined) ??
    (await mapUnavailable(() => verifyAccessToken({ signingKeys, clock, issuer }, accessToken)))
  if (text === undefined)
    throw authRequired('proof_invalid', 'The request has no proof for its access token (header DPoP).')
  const proof = await verifyProof({ nonces, clock }, text, request, accessToken)
  if (proof.thumbprint !== token.thumbprint)
    throw authRequired('binding', 'The access token is bound to another key than the proof.')
  countProof({ nonces, clock }, proof)
  const actor = isValid && fromMemory ? known.actor : await readRights(ctx, token)
  remember(memory, digest, { actor, token })
  const proven = provenBy(token, proof)
  if (!isValid || !fromMemory) return { ...actor, proven }
  const confirm = async (): Promise<AuthenticatedActor> => {
    memory.delete(digest)
    const present = await readRights(ctx, token)
    remember(memory, digest, { actor: present, token })
    return { ...present, proven }
  }
  return { ...actor, proven, confirm }
}

const provenBy = ({ scopes }: AccessToken, { thumbprint, jti, bodySha256 }: Proof) => ({
  scopes,
  thumbprint,
  jti,
  bodySha256,
})

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
  if (row.revoked) throw revokedDevice(ctx, row.isToBeWiped)
  if (epoch < row.tokenEpoch) throw authRequired('expired', 'This access token was ended; get a new one.')
  return device(workspaceId, deviceId, row)
}

const device = (
  workspaceId: WorkspaceId,
  deviceId: DeviceId,
  { role, epoch }: RightsRow,
): AuthenticatedActor => ({ kind: 'device', workspaceId, deviceId, role: Role.parse(role), epoch })
