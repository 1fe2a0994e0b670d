import { SyncBatchRequest, SyncBatchResponse } from '@fieldsync/contracts'
import type { BatchAnswer, BatchCall, Transport } from '@fieldsync/sync-engine'

import type { Mutant } from './mutant.ts'

/** A way to the server on which every answer is misread. */
export const misreading = (
  name: string,
  change: (response: SyncBatchResponse, request: SyncBatchRequest) => SyncBatchResponse,
): Mutant => ({
  name,
  device: () => ({
    transport: (transport) => ({
      address: transport.address,
      session: (call) => transport.session(call),
      syncBatch: async (call) => {
        const answer = await transport.syncBatch(call)
        const response = wholeResponse(answer)
        if (!response) return answer
        return { ...answer, body: JSON.stringify(change(response, requestOf(call))) }
      },
    }),
  }),
})

/** A way to the server with a mistake of its own. */
export const missending = (
  name: string,
  send: (transport: Transport, call: BatchCall) => Promise<BatchAnswer>,
) =>
  ({
    name,
    device: () => ({
      transport: (transport) => ({
        address: transport.address,
        session: (call) => transport.session(call),
        syncBatch: (call) => send(transport, call),
      }),
    }),
  }) satisfies Mutant

export const requestOf = ({ body }: BatchCall): SyncBatchRequest => SyncBatchRequest.parse(JSON.parse(body))

export const hasRecords = ({ upserts }: SyncBatchRequest): boolean =>
  Object.values(upserts).some((records) => records.length > 0)

export function wholeResponse({ status, body }: BatchAnswer): SyncBatchResponse | undefined {
  if (status !== 200) return undefined
  try {
    return SyncBatchResponse.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}
