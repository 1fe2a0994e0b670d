/** One send of a batch: the exact body that was kept before its first byte went out. */
export type BatchCall = {
  idempotencyKey: string
  /** JSON text of a SyncBatchRequest. */
  body: string
  /** The call cannot be made smaller: the slowest link gets all the time that it needs for it (ENG-53). */
  indivisible?: boolean
  /** Compressed bodies are known not to get through to this address (HDR-6). */
  uncompressed?: boolean
  signal: AbortSignal
}

/** What came back, whatever its status and whether it is what it should be. */
export type BatchAnswer = {
  status: number
  body: string
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number
  /** The body went through uncompressed after its compressed form was refused: to be remembered (HDR-6). */
  uncompressed?: boolean
  /** The contract version that the answer announces (HDR-4), as it came. */
  contract?: string
}

/**
 * What an error of a transport may say beside its message. `timeout`: the time limit of the call has passed, so that
 * sending the same bytes again is no use. `redirected`: the address redirects to `address` (null where that cannot be
 * read), and the redirect was not followed.
 */
export type TransportFailure = { kind: 'timeout' } | { kind: 'redirected'; address: string | null }

/**
 * The way to the server. Rejects when no complete answer came: no network, a time-out, a cut connection, a redirect, an
 * abort. An error may carry the members of a {@link TransportFailure}.
 */
export interface Transport {
  /** Where calls go: another address may be another server, and what is learned about the way is stored with it. */
  readonly address: string
  /** The operation `session.get`: with it a server and a device meet (ENG-31). */
  session(call: { signal: AbortSignal }): Promise<BatchAnswer>
  syncBatch(call: BatchCall): Promise<BatchAnswer>
}
