import { CONTRACT_HEADER } from '@fieldsync/contracts'
import type { BatchAnswer, BatchCall, Transport } from '@fieldsync/sync-engine'

import { retryAfterMs } from '../http/retry-after.ts'
import { callOnce, type LinkOptions, type ServerCall } from '../http/server-link.ts'

/**
 * Sends the engine's batches (REST, whose answers are the stored bytes). It returns every answer and renews nothing:
 * the engine decides how to react to a refusal.
 */
export function createBatchTransport(link: LinkOptions): Transport {
  const send = async (call: ServerCall): Promise<BatchAnswer> => {
    const answer = await callOnce(link, call)
    const wait = retryAfterMs(answer.headers, link.clock.now())
    const contract = answer.headers.get(CONTRACT_HEADER)
    return {
      status: answer.status,
      body: answer.text,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...(contract === null ? {} : { contract }),
    }
  }
  return {
    address: link.url,
    session: ({ signal }) => send({ method: 'GET', url: `${link.url}/v1/session`, signal }),
    syncBatch: async ({ idempotencyKey, body, indivisible, uncompressed, signal }: BatchCall) => {
      // The engine stores this for a limited time, after which compression is tried again.
      if (uncompressed !== undefined) link.compression.isOff = uncompressed
      const headers = { 'idempotency-key': idempotencyKey }
      const url = `${link.url}/v1/sync/batch`
      const answer = await send({ method: 'POST', url, headers, body, indivisible, signal })
      return { ...answer, uncompressed: link.compression.isOff }
    },
  }
}
