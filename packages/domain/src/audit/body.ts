import type { PersonalCommitment } from './commitment.ts'

/** One change of a transaction: hashes of the record before and after, never the record itself (AUD-4). */
export type AuditChange = {
  type: string
  id: string
  kind: string
  /** SHA-256 of the canonical record before, null if there was none. */
  before: string | null
  /** SHA-256 of the canonical record after, null if it is gone. */
  after: string | null
  /** JSON Pointers of what changed, if the change names them. */
  paths?: readonly string[]
  /** Conflict code of an attempt that was refused and is recorded all the same (AUD-6). */
  code?: string
  /** How an edit of a playbook came about (AUD-16); from body version 2 on. */
  edit?: PlaybookEdit
  /** Why the server itself has written the record (REC-22), where nobody sent it. */
  cause?: ServerCause
}

/** What made the server write a recommendation in consequence of somebody's change; all of it by id and number. */
export type ServerCause = {
  /** Always the system: the row's own actor is who made the change that it follows from. */
  actor: 'system'
  playbook: string
  /** The version that it was computed from. */
  version: number
  /** The patch that made the version in the same transaction; null for none. */
  patch: string | null
  /** The recommendation whose place it takes. */
  supersedes: string
  /** How that one was decided on although it was replaced; null for a new successor. */
  decided: 'confirmed' | 'rejected' | null
}

/** An edit of a playbook: by which patch, why, and place by place. */
export type PlaybookEdit = {
  /** Null for an edit without a patch, such as a version published whole. */
  patch: string | null
  /** In the words of who edited; null where none were given. */
  reason: string | null
  /** The version that was edited; null if there was none. */
  from: number | null
  /** The version that it made; null for a refused attempt. */
  version: number | null
  /** What differs, by JSON Pointer; empty for a refused attempt. */
  places: readonly PlaceChange[]
}

/** SHA-256 of the canonical values at one place of a document, null where there is none. */
export type PlaceChange = { path: string; before: string | null; after: string | null }

/**
 * How a caller has authenticated: `key` with a proof of its own key, `token` with a pre-shared token, `bearer` with an access
 * token alone, `session` as a person who has signed in.
 */
export type AuthenticationKind = 'key' | 'token' | 'bearer' | 'session'

/** The body version that this build writes. Version 1 had neither `actor.auth` nor `edit`, version 2 no `pii`. */
export const AUDIT_BODY_VERSION = 3

/** The body of one row of the chain: who did what, when, from which device. Absent values are null. */
export type AuditBody = {
  v: number
  /** Workspace id. */
  ws: string
  /** Position in the workspace's chain, from 1 without gaps. */
  seq: number
  /** Instant of the transaction. */
  at: string
  /** Action, such as `sync.batch`. */
  act: string
  actor: {
    /** Absent in version 1; null for the system itself. */
    auth?: AuthenticationKind | null
    /** The person, where one has called. */
    usr: string | null
    dev: string | null
    /** Thumbprint of the key that proved the call (RFC 7638). */
    client: string | null
    role: string | null
    /** Id of the proof, or of an access token without a key. */
    jti: string | null
    via: string | null
  }
  chg: readonly AuditChange[]
  tgt: { type: string; id: string } | null
  req: { id: string | null; idem: string | null; bodySha256: string | null }
  out: { ok: boolean; code: string | null }
  /** In the place of names and addresses (AUD-34); absent where the entry is about none. */
  pii?: readonly PersonalCommitment[]
  /** Why, in the words of who did it; absent where nobody was to say. */
  why?: string
}
