import type { DeviceId, Scope, WorkspaceId } from '@fieldsync/contracts'
import type { Actor } from '@fieldsync/domain'

/** A caller whose credential was verified. */
export type AuthenticatedActor = Actor & {
  /** State of the device's rights when they were read; a sync checks that it is still the same. */
  epoch: number
  /** Only of a person: by which session, when they last proved who they are (PEO-12), and whether by two factors (PEO-22). */
  session?: {
    readonly sessionId: string
    readonly authenticatedAt: Date
    readonly hasSecondFactor: boolean
  }
  /** Only with a pre-shared token, where the workspace accepts these no longer than this (ACC-25). */
  tokensRefusedFrom?: Date
  /** Only of a person who has signed in. */
  personId?: string
  /** Only with an access token: what it may be used for. */
  scopes?: readonly Scope[]
  /** Only with an access token that is bound to no key: its id. */
  bearerJti?: string
  /** The proof that this one request brought, where its token is bound to a key. */
  proven?: {
    /** Of the key, as the audit names it (RFC 7638). */
    readonly thumbprint: string
    /** The proof's own id. */
    readonly jti: string
    /** SHA-256 of the decoded body that was proven, base64url. */
    readonly bodySha256: string | undefined
  }
  /** Only on a caller from memory: reads its rights again. @throws ServiceError AUTH_REQUIRED */
  confirm?: () => Promise<AuthenticatedActor>
}

/** What an access token says (RFC 9068), and nothing that may change before it expires: rights are read live. */
export type AccessToken = {
  readonly workspaceId: WorkspaceId
  readonly deviceId: DeviceId
  readonly scopes: readonly Scope[]
  /** The device's when the token was issued: what raises `token_epoch` ends it. */
  readonly epoch: number
  /** Thumbprint of the key that a request has to prove; undefined for a bearer token of a service. */
  readonly thumbprint: string | undefined
  readonly jti: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A caller that was verified before; `token` where it called with an access token. */
export type KnownCaller = { readonly actor: AuthenticatedActor; readonly token?: AccessToken }
