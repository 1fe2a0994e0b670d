import { randomUUID } from 'node:crypto'

import { ACCESS_TOKEN_SECONDS, clientIdOf, DeviceId, Scope, WorkspaceId } from '@fieldsync/contracts'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

import type { AccessToken } from '../core/actor.ts'
import type { Clock } from '../core/context.ts'
import { ES256, hasPlainSignature } from '../core/es256.ts'
import { authRequired } from '../core/service-error.ts'
import type { SigningKeys } from '../core/signing-keys.ts'

const TYPE = 'at+jwt'

const Claims = z.object({
  wsp: WorkspaceId,
  dev: DeviceId,
  scope: z.string().transform((text) => text.split(' ').flatMap((each) => Scope.safeParse(each).data ?? [])),
  ep: z.int(),
  cnf: z.object({ jkt: z.string() }),
  jti: z.string(),
  exp: z.number(),
})

type Server<Needs extends keyof SigningKeys> = {
  readonly signingKeys: Pick<SigningKeys, Needs>
  readonly clock: Clock
  readonly issuer: string
}

/** Signs an access token of ten minutes for one device and its key. */
export async function signAccessToken(
  { signingKeys, clock, issuer }: Server<'signing'>,
  device: Pick<AccessToken, 'workspaceId' | 'deviceId' | 'scopes' | 'epoch' | 'thumbprint'>,
): Promise<string> {
  const now = clock.now()
  const { kid, privateKey } = await signingKeys.signing(now)
  const { workspaceId, deviceId, scopes, epoch, thumbprint } = device
  const clientId = clientIdOf(workspaceId, deviceId)
  const issuedAt = Math.floor(now.getTime() / 1000)
  return await new SignJWT({
    client_id: clientId,
    scope: scopes.join(' '),
    wsp: workspaceId,
    dev: deviceId,
    ep: epoch,
    cnf: { jkt: thumbprint },
  })
    .setProtectedHeader({ alg: ES256, typ: TYPE, kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(clientId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
    .setJti(randomUUID())
    .sign(privateKey)
}

/**
 * Verifies an access token of this server: signature, type, issuer, audience and expiry. Whether its device may still call is
 * looked up elsewhere.
 *
 * @throws ServiceError AUTH_REQUIRED, reason `expired` or `invalid`
 */
export async function verifyAccessToken(
  { signingKeys, clock, issuer }: Server<'publicKey'>,
  text: string,
): Promise<AccessToken> {
  const now = clock.now()
  let payload: unknown
  try {
    const verified = await jwtVerify(text, async ({ kid }) => await keyOf(kid), {
      algorithms: [ES256],
      typ: TYPE,
      issuer,
      audience: issuer,
      currentDate: now,
    })
    payload = verified.payload
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw authRequired('expired', 'This access token has expired; get a new one.')
    if (!(error instanceof errors.JOSEError)) throw error
    throw authRequired('invalid', 'This access token is not one of this server.')
  }
  const claims = Claims.safeParse(payload).data
  if (!claims) throw authRequired('invalid', 'This access token is not one of this server.')
  const { wsp, dev, scope, ep, cnf, jti, exp } = claims
  return {
    workspaceId: wsp,
    deviceId: dev,
    scopes: scope,
    epoch: ep,
    thumbprint: cnf.jkt,
    jti,
    expiresAt: exp * 1000,
  }

  async function keyOf(kid: string | undefined) {
    const key =
      kid === undefined || !hasPlainSignature(text) ? undefined : await signingKeys.publicKey(kid, now)
    if (!key) throw new errors.JWKSNoMatchingKey()
    return key
  }
}

/** Whether a text has the form of an access token, whoever signed it. */
export function isAccessToken(text: string): boolean {
  try {
    return decodeProtectedHeader(text).typ === TYPE
  } catch {
    return false
  }
}
