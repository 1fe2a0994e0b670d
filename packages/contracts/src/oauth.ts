import { z } from 'zod'

import type { DeviceRole } from './access.ts'
import { DeviceId, WorkspaceId } from './ids.ts'

/** What an access token may be used for; what its caller may do there is still decided by its role (ACC-19). */
export const SCOPES = ['sync', 'read', 'admin'] as const
export const Scope = z.enum(SCOPES)
export type Scope = z.infer<typeof Scope>

/** The scopes that a role is granted, whatever is requested. */
export const SCOPES_OF_ROLE: Readonly<Record<DeviceRole, readonly Scope[]>> = {
  viewer: ['sync', 'read'],
  scout: ['sync', 'read'],
  agronomist: ['sync', 'read'],
  admin: SCOPES,
}

/** Addresses of OAuth beside the operation table: RFC 6749, RFC 7517 and RFC 8414. */
export const OAUTH_PATHS = {
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  metadata: '/.well-known/oauth-authorization-server',
} as const

export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** How long an access token is valid, in seconds. */
export const ACCESS_TOKEN_SECONDS = 600

/** Header of a proof of possession (RFC 9449). */
export const PROOF_HEADER = 'dpop'
/** Header by which every answer gives the nonce for the next proof (RFC 9449, section 8). */
export const NONCE_HEADER = 'dpop-nonce'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url')

/** A public P-256 key as a JWK (RFC 7517), without anything else. */
export const EcPublicJwk = z
  .strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate })
  .meta({ id: 'EcPublicJwk' })
export type EcPublicJwk = z.infer<typeof EcPublicJwk>

/** Of a workspace id and a device id with a slash between them. */
export const ClientId = z.string().max(300)

/** A `client_id`: a device id is unique in its workspace alone (IDS-3). */
export const clientIdOf = (workspaceId: string, deviceId: string): string => `${workspaceId}/${deviceId}`

/** The device that a `client_id` names; undefined for a text that names none. */
export function readClientId(
  clientId: string,
): { readonly workspaceId: WorkspaceId; readonly deviceId: DeviceId } | undefined {
  const [workspace, device, ...rest] = clientId.split('/')
  const workspaceId = WorkspaceId.safeParse(workspace).data
  const deviceId = DeviceId.safeParse(device).data
  const isWhole = rest.length === 0 && workspaceId !== undefined && deviceId !== undefined
  return isWhole ? { workspaceId, deviceId } : undefined
}
