import { SyncId } from '@fieldsync/contracts'

import { hasRecords, misreading, missending, requestOf, wholeResponse } from './broken-transport.ts'
import type { Mutant } from './mutant.ts'

let minted = 0

/** Mistakes of an engine in what it sends and how it reads what comes back. */
export const SENDING_MUTANTS: readonly Mutant[] = [
  missending('a retry gets a new syncId', async (transport, call) => {
    const request = requestOf(call)
    if (!hasRecords(request)) return await transport.syncBatch(call)
    const syncId = SyncId.parse(`syn_${String(++minted).padStart(26, '0')}`)
    const body = JSON.stringify({ ...request, syncId })
    const answer = await transport.syncBatch({ ...call, idempotencyKey: syncId, body })
    const response = wholeResponse(answer)
    return response ? { ...answer, body: JSON.stringify({ ...response, syncId: request.syncId }) } : answer
  }),
  missending('a write is marked synced before it is answered', async (transport, call) => {
    const request = requestOf(call)
    try {
      return await transport.syncBatch(call)
    } catch (error) {
      if (!hasRecords(request)) throw error
      return { status: 200, body: JSON.stringify(allAccepted(request)) }
    }
  }),
  missending('only the first record of a batch goes out', async (transport, call) => {
    const request = requestOf(call)
    const { observations } = request.upserts
    if (observations.length < 2) return await transport.syncBatch(call)
    const upserts = { ...request.upserts, observations: observations.slice(0, 1) }
    const answer = await transport.syncBatch({ ...call, body: JSON.stringify({ ...request, upserts }) })
    const response = wholeResponse(answer)
    if (!response) return answer
    const acceptedCounts = {
      ...response.acceptedCounts,
      observations: response.acceptedCounts.observations + observations.length - 1,
    }
    return { ...answer, body: JSON.stringify({ ...response, acceptedCounts }) }
  }),
  misreading('a page is skipped', (response) => {
    const { downstream } = response
    return downstream.hasMore
      ? { ...response, downstream: { ...downstream, observations: [], recommendations: [] } }
      : response
  }),
  misreading('hasMore is ignored', (response, request) => {
    const { downstream } = response
    if (!downstream.hasMore) return response
    // The rest is believed to be known, so the cursor moves no further than it was.
    const serverCursor = request.lastKnownServerCursor
    return { ...response, serverCursor, downstream: { ...downstream, hasMore: false } }
  }),
  misreading('a conflict is lost', (response) => {
    if (response.conflicts.length === 0) return response
    const count = (type: string) => response.conflicts.filter((each) => each.entityType === type).length
    const { observations, recommendations, playbookPatches } = response.acceptedCounts
    return {
      ...response,
      conflicts: [],
      acceptedCounts: {
        observations: observations + count('observation'),
        recommendations: recommendations + count('recommendation'),
        playbookPatches: playbookPatches + count('playbookPatch'),
      },
    }
  }),
  misreading('a playbook that changed is not taken over', (response) => {
    const { playbooks: _, ...downstream } = response.downstream
    return { ...response, downstream }
  }),
]

function allAccepted({ syncId, lastKnownServerCursor, upserts, requestedAt }: ReturnType<typeof requestOf>) {
  return {
    syncId,
    acceptedAt: requestedAt,
    serverCursor: lastKnownServerCursor,
    acceptedCounts: {
      observations: upserts.observations.length,
      recommendations: upserts.recommendations.length,
      playbookPatches: upserts.playbookPatches.length,
    },
    conflicts: [],
    downstream: {
      playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: requestedAt },
      observations: [],
      recommendations: [],
      hasMore: false,
    },
  }
}
