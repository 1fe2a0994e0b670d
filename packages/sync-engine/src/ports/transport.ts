/** One send of a batch: the exact body that was kept before its first byte went out. */
export type BatchCall = {
  idempotencyKey: string
  /** JSON text of a SyncBatchRequest. */
  body: string
  signal: AbortSignal
}

/** What came back, whatever its status and whether it is what it should be. */
export type BatchAnswer = {
  status: number
  body: string
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number
}

/** The way to the server. Rejects when no complete answer came: no network, a time-out, a cut connection, an abort. */
export interface Transport {
  syncBatch(call: BatchCall): Promise<BatchAnswer>
}
