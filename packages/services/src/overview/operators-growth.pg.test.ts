import { PlaybookId, SyncId } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { observation, recommendation, syncBatch } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { getSession } from '../access/get-session.ts'
import { listDevices } from '../devices/list.ts'
import { listPlaybookVersions } from '../playbooks/list.ts'
import { listObservations } from '../records/list.ts'
import { getSync } from '../sync-history/get.ts'
import { listSyncs } from '../sync-history/list.ts'
import { testServices } from '../testing/test-workspace.ts'
import { getOverview } from './get.ts'

const services = await testServices()
// One connection, so that what it counts and the plans it keeps are known.
const db = openDatabase({ url: services.urls.appUrl, max: 1 })
afterAll(() => db.close())

const OLDER = 3_000

/** Index entries and whole-table reads so far, over all tables. */
async function read(): Promise<number> {
  await db.pool.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await db.pool.query<{ n: number }>(
    `SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)::int
          + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)::int AS n`,
  )
  return rows[0]?.n ?? Number.NaN
}

/** Older batches, resolved conflicts and observations of the same device. */
async function grow(workspaceId: string): Promise<void> {
  const older = (statement: string) => services.owner.pool.query(statement, [workspaceId, OLDER])
  await older(
    `INSERT INTO sync_events (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
     SELECT workspace_id, device_id, operation, 'old_' || i, 'old_' || i, request_sha256, response, counts,
            received_at - interval '2 hours'
     FROM (SELECT * FROM sync_events WHERE workspace_id = $1 LIMIT 1) e, generate_series(1, $2) i`,
  )
  await older(
    `INSERT INTO sync_conflicts
     SELECT workspace_id, 'old_' || i, device_id, entity_type, entity_id, code, resolution, incoming, first_seen_at,
            last_seen_at, last_seen_at, 'discard'
     FROM (SELECT * FROM sync_conflicts WHERE workspace_id = $1 LIMIT 1) c, generate_series(1, $2) i`,
  )
  await older(
    `INSERT INTO observations (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at)
     SELECT workspace_id, 'old_' || i, device_id, status, document, document_bytes, time_micros, 1, -i, stored_at
     FROM (SELECT * FROM observations WHERE workspace_id = $1 LIMIT 1) o, generate_series(1, $2) i`,
  )
}

it('[OPS-21][OPS-22][OPS-25][OPS-26] what operators read costs as much with thousands of batches, conflicts and records stored as with few', async () => {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  const batch = syncBatch({ observations: [observation()], recommendations: [recommendation()] })
  await scout.send(batch)
  for (let i = 0; i < 3; i++) await scout.push({ observations: [observation()] })
  const ctx = { ...scout.ctx(), db }
  const input = { deviceId: scout.actor.deviceId, syncId: SyncId.parse(batch.syncId) }
  const reads: Record<string, () => Promise<unknown>> = {
    getSession: () => getSession({ ctx, input: {} }),
    getOverview: () => getOverview({ ctx, input: {} }),
    listDevices: () => listDevices({ ctx, input: {} }),
    listSyncs: () => listSyncs({ ctx, input: { limit: 2 } }),
    'listSyncs of a time': () => listSyncs({ ctx, input: { from: '2026-02-12T07:59:00Z' } }),
    getSync: () => getSync({ ctx, input }),
    listPlaybookVersions: () =>
      listPlaybookVersions({ ctx, input: { playbookId: PlaybookId.parse('pbk_yolo_grape') } }),
    listObservations: () => listObservations({ ctx, input: { limit: 2 } }),
  }
  const costs = async (): Promise<Record<string, number>> => {
    const found: Record<string, number> = {}
    for (const [name, call] of Object.entries(reads)) {
      const before = await read()
      await call()
      found[name] = (await read()) - before
    }
    return found
  }
  // More often than the five executions after which PostgreSQL may settle on one plan for good.
  for (let round = 0; round < 8; round++) await costs()
  const small = await costs()
  await grow(workspace.workspaceId)
  const large = await costs()
  const grown = Object.keys(reads).filter((name) => (large[name] ?? 0) > (small[name] ?? 0) + 10)
  expect(grown.map((name) => [name, small[name], large[name]])).toEqual([])
})
