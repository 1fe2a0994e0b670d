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
}

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
    usr: string | null
    dev: string | null
    /** Thumbprint of the key that proved the call (RFC 7638). */
    client: string | null
    role: string | null
    /** Id of the proof. */
    jti: string | null
    via: string | null
  }
  chg: readonly AuditChange[]
  tgt: { type: string; id: string } | null
  req: { id: string | null; idem: string | null; bodySha256: string | null }
  out: { ok: boolean; code: string | null }
  /** Why, in the words of who did it; absent where nobody was to say. */
  why?: string
}
