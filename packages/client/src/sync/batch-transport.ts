import type { BatchAnswer, BatchCall, Transport } from '@fieldsync/sync-engine'

import { retryAfterMs } from '../http/retry-after.ts'
import { callOnce, type LinkOptions } from '../http/server-link.ts'

/**
 * Sends the engine's batches (REST, whose answers are the stored bytes). It answers whatever came back and renews
 * nothing: what is done about a refusal is the engine's to decide.
 */
export function createBatchTransport(link: LinkOptions): Transport {
  const url = `${link.url}/v1/sync/batch`
  return {
    address: link.url,
    syncBatch: async ({
      idempotencyKey,
      body,
      indivisible,
      uncompressed,
      signal,
    }: BatchCall): Promise<BatchAnswer> => {
      // The engine remembers, and forgets after a while, when compression gets another try.
      if (uncompressed !== undefined) link.compression.isOff = uncompressed
      const headers = { 'idempotency-key': idempotencyKey }
      const answer = await callOnce(link, { method: 'POST', url, headers, body, indivisible, signal })
      const wait = retryAfterMs(answer.headers, link.clock.now())
      return {
        status: answer.status,
        body: answer.text,
        uncompressed: link.compression.isOff,
        ...(wait === undefined ? {} : { retryAfterMs: wait }),
      }
    },
  }
}
