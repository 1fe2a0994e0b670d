import { randomUUID } from 'node:crypto'

import {
  audienceOf,
  clientIdOf,
  DeviceId,
  TOKEN_AUDIENCES,
  type TokenAudience,
  WorkspaceId,
} from '@fieldsync/contracts'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

import type { AccessToken } from '../core/actor.ts'
import type { Clock } from '../core/context.ts'
import { ES256, hasPlainSignature } from '../core/es256.ts'
import { authRequired } from '../core/service-error.ts'
import type { SigningKeys } from '../core/signing-keys.ts'
import { scopesOf } from './client-secret.ts'

const TYPE = 'at+jwt'

const Claims = z.object({
  wsp: WorkspaceId,
  dev: DeviceId,
  scope: z.string().transform(scopesOf),
  ep: z.int(),
  cnf: z.object({ jkt: z.string() }).optional(),
  jti: z.string(),
  exp: z.number(),
})

type Server<Needs extends keyof SigningKeys> = {
  readonly signingKeys: Pick<SigningKeys, Needs>
  readonly clock: Clock
  readonly issuer: string
}

/** The audience as the tokens of a server name it. */
const addressOf = (issuer: string, audience: TokenAudience): string =>
  `${issuer}${TOKEN_AUDIENCES[audience].path}`

/**
 * Signs an access token for one device and its key, or for a service that has a secret.
 * @param device.scopes of one audience, which determines how long the token is valid
 */
export async function signAccessToken(
  { signingKeys, clock, issuer }: Server<'signing'>,
  device: Pick<AccessToken, 'workspaceId' | 'deviceId' | 'scopes' | 'epoch' | 'thumbprint'>,
): Promise<{ text: string; expiresIn: number }> {
  const now = clock.now()
  const { kid, privateKey } = await signingKeys.signing(now)
  const { workspaceId, deviceId, scopes, epoch, thumbprint } = device
  const clientId = clientIdOf(workspaceId, deviceId)
  const audience = scopes.map(audienceOf)[0] ?? 'api'
  const { seconds } = TOKEN_AUDIENCES[audience]
  const issuedAt = Math.floor(now.getTime() / 1000)
  const text = await new SignJWT({
    client_id: clientId,
    scope: scopes.join(' '),
    wsp: workspaceId,
    dev: deviceId,
    ep: epoch,
    ...(thumbprint === undefined ? {} : { cnf: { jkt: thumbprint } }),
  })
    .setProtectedHeader({ alg: ES256, typ: TYPE, kid })
    .setIssuer(issuer)
    .setAudience(addressOf(issuer, audience))
    .setSubject(clientId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + seconds)
    .setJti(randomUUID())
    .sign(privateKey)
  return { text, expiresIn: seconds }
}

/**
 * Verifies an access token of this server: signature, type, issuer, audience and expiry. Whether its device may still call is
 * looked up elsewhere.
 *
 * @param audience what the token is used for; it has scopes of this audience alone (ACC-23)
 * @throws ServiceError AUTH_REQUIRED, reason `expired` or `invalid`
 */
export async function verifyAccessToken(
  { signingKeys, clock, issuer }: Server<'publicKey'>,
  text: string,
  audience: TokenAudience = 'api',
): Promise<AccessToken> {
  const now = clock.now()
  let payload: unknown
  try {
    const verified = await jwtVerify(text, async ({ kid }) => await keyOf(kid), {
      algorithms: [ES256],
      typ: TYPE,
      issuer,
      audience: addressOf(issuer, audience),
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
    scopes: scope.filter((each) => audienceOf(each) === audience),
    epoch: ep,
    thumbprint: cnf?.jkt,
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
  // Most texts are device tokens, without a dot: an exception for each costs more than the rest of its check.
  if (!text.includes('.')) return false
  try {
    return decodeProtectedHeader(text).typ === TYPE
  } catch {
    return false
  }
}
