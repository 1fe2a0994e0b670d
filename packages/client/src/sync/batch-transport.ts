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
    syncBatch: async ({ idempotencyKey, body, signal }: BatchCall): Promise<BatchAnswer> => {
      const headers = { 'idempotency-key': idempotencyKey }
      const answer = await callOnce(link, { method: 'POST', url, headers, body, signal })
      const wait = retryAfterMs(answer.headers, link.clock.now())
      return {
        status: answer.status,
        body: answer.text,
        ...(wait === undefined ? {} : { retryAfterMs: wait }),
      }
    },
  }
}
