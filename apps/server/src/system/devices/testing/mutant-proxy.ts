import { SyncBatchRequest, SyncBatchResponse } from '@fieldsync/contracts'

import type { BreakReal } from './real-device-server.ts'
import { rewritten, type WireCall } from './wire-call.ts'

/** A mutant of the real side, inserted between the devices and what they trust. */
type MutantOnTheWay = { readonly name: string } & BreakReal

const EMPTY = { observations: [], recommendations: [], playbookPatches: [] }

/** Mutants that a few calls reveal. */
export const PLANTED_ON_THE_WAY: readonly MutantOnTheWay[] = [
  {
    name: 'a batch is acknowledged that never arrived',
    forward: (forward) => async (deviceId, call) => {
      const batch = batchOf(call)
      if (!sendsRecords(batch)) return await forward(deviceId, call)
      const { report: _report, ...pull } = { ...batch, upserts: EMPTY }
      const answer = await forward(deviceId, rewritten(call, JSON.stringify(pull)))
      if (answer?.status !== 200) return answer
      const { observations, recommendations, playbookPatches } = batch.upserts
      const acceptedCounts = {
        observations: observations.length,
        recommendations: recommendations.length,
        playbookPatches: playbookPatches.length,
      }
      return {
        ...answer,
        body: JSON.stringify({ ...SyncBatchResponse.parse(JSON.parse(answer.body)), acceptedCounts }),
      }
    },
  },
  {
    name: 'the cursor of a page is the one of the next',
    forward: (forward) => async (deviceId, call) => {
      const answer = await forward(deviceId, call)
      if (answer?.status !== 200) return answer
      const response = SyncBatchResponse.parse(JSON.parse(answer.body))
      if (!response.downstream.hasMore) return answer
      const { report: _report, ...batch } = batchOf(call)
      const pull = {
        ...batch,
        upserts: EMPTY,
        maxDownstream: 1,
        lastKnownServerCursor: response.serverCursor,
      }
      const key = `${batch.syncId}_next`
      const next = await forward(deviceId, rewritten(call, JSON.stringify({ ...pull, syncId: key }), key))
      if (next?.status !== 200) return answer
      const { serverCursor } = SyncBatchResponse.parse(JSON.parse(next.body))
      return { ...answer, body: JSON.stringify({ ...response, serverCursor }) }
    },
  },
  {
    name: 'a retry is executed under a key of its own',
    forward: (forward) => {
      const tries = new Map<string, number>()
      return async (deviceId, call) => {
        const batch = batchOf(call)
        const before = tries.get(batch.syncId) ?? 0
        tries.set(batch.syncId, before + 1)
        if (before === 0 || !sendsRecords(batch)) return await forward(deviceId, call)
        const syncId = `${batch.syncId}_${before}`
        const answer = await forward(deviceId, rewritten(call, JSON.stringify({ ...batch, syncId }), syncId))
        return answer && { ...answer, body: answer.body.replace(syncId, batch.syncId) }
      }
    },
  },
]

/** PostgreSQL reports a commit before it has written it durably. */
export const UNFLUSHED_COMMITS: MutantOnTheWay = {
  name: 'commits are acknowledged before they are flushed',
  database: {
    plant: [
      'ALTER ROLE fieldsync_app SET synchronous_commit = off',
      'ALTER SYSTEM SET wal_writer_delay = 10000',
      'SELECT pg_reload_conf()',
    ],
    remove: ['ALTER ROLE fieldsync_app RESET synchronous_commit', 'ALTER SYSTEM RESET wal_writer_delay'],
  },
}

const batchOf = ({ text }: WireCall): SyncBatchRequest => SyncBatchRequest.parse(JSON.parse(text))

const sendsRecords = ({ upserts }: SyncBatchRequest): boolean =>
  Object.values(upserts).some((records) => records.length > 0)
