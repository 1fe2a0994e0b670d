import { timingSafeEqual } from 'node:crypto'

import { readClientId, Scope } from '@fieldsync/contracts'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { AdminContext } from '../core/context.ts'
import { authRequired, type ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { hashesOf, mintToken, rehashToken } from './device-token.ts'
import { revokedService } from './revoked-device.ts'
import type { NewCredential } from './start-credential.ts'

/** A client of `/oauth/token` that has authenticated. */
export type Client = {
  readonly actor: AuthenticatedActor
  readonly allowed: readonly Scope[]
  /** Its credential was not used before, and takes the place of others now. */
  readonly start: NewCredential | undefined
}

/** A service's name and secret as it sends them (RFC 6749, section 2.3.1). */
export type ClientSecret = { readonly clientId: string; readonly secret: string }

/** A new secret of a service: 256 random bits, with a prefix by which leaked ones can be searched for. */
export const mintSecret = (): string => mintToken('fss_')

/**
 * What is stored and looked up as a token. No header can hold a line feed, so that a secret is never a pre-shared token:
 * neither kind of credential can be used as the other one.
 */
export const secretAsToken = (secret: string): string => `fieldsync.client-secret.v1\n${secret}`

type SecretRow = {
  tokenHash: Buffer
  epoch: number
  scope: string
  revoked: boolean
  ended: boolean
  replacesOthers: boolean
}

const SECRETS = `SELECT t.token_hash AS "tokenHash", d.epoch, d.service_scope AS scope, d.revoked_at IS NOT NULL AS revoked,
    t.revoked_at IS NOT NULL AS ended, t.replaces_others AS "replacesOthers"
  FROM device_tokens t JOIN devices d ON d.workspace_id = t.workspace_id AND d.device_id = t.device_id
  WHERE t.workspace_id = $1 AND t.device_id = $2 AND t.token_hash = ANY ($3) AND d.service_scope IS NOT NULL`

/**
 * The service that a secret belongs to (SVC-4). An unknown service and a wrong secret are refused in the same words.
 * @throws ServiceError AUTH_REQUIRED, UNAVAILABLE
 */
export async function verifySecret(ctx: AdminContext, { clientId, secret }: ClientSecret): Promise<Client> {
  const named = readClientId(clientId)
  if (!named) throw unknownClient()
  const { workspaceId, deviceId } = named
  const { db, peppers } = ctx.runtime
  const hashes = hashesOf(peppers, secretAsToken(secret))
  const [current] = hashes
  const { rows } = await mapUnavailable(() =>
    db.pool.query<SecretRow>({
      name: 'client_secret',
      text: SECRETS,
      values: [workspaceId, deviceId, hashes],
    }),
  )
  const row = rows.find(({ tokenHash }) => hashes.some((each) => timingSafeEqual(tokenHash, each)))
  if (!row) throw unknownClient()
  if (!row.tokenHash.equals(current))
    await mapUnavailable(() => rehashToken(db.pool, peppers, { from: row.tokenHash, to: current }))
  if (row.revoked) throw revokedService()
  if (row.ended) throw revokedService('This secret has ended; use the new one.')
  const actor = { kind: 'service', workspaceId, deviceId, role: 'service', epoch: row.epoch } as const
  return {
    actor,
    allowed: scopesOf(row.scope),
    start: row.replacesOthers ? { tokenHash: current } : undefined,
  }
}

/** The scopes in a text of RFC 6749. */
export const scopesOf = (text: string): Scope[] =>
  text.split(' ').flatMap((each) => Scope.safeParse(each).data ?? [])

const unknownClient = (): ServiceError =>
  authRequired('invalid', 'The client is not one of this server, or its secret is not right.')
