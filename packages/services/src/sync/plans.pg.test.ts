import { SyncBatchRequest } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { observation, recommendation, syncBatch } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { Runtime } from '../core/runtime.ts'
import { testServices } from '../testing/test-workspace.ts'
import { applyBatch } from './apply-batch.ts'

const services = await testServices()
// One connection, so that what it counts and the plans it keeps are known.
const db = openDatabase({ url: services.urls.appUrl, max: 1 })
afterAll(() => db.close())
const runtime = new Runtime({ db, pepper: services.pepper })

const TABLES = ['observations', 'recommendations', 'sync_events', 'log_commits', 'devices', 'audit_entries']

/** How often each table was read whole so far. */
async function wholeReads(): Promise<Record<string, number>> {
  await db.pool.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await db.pool.query<{ name: string; reads: number }>(
    'SELECT relname AS name, seq_scan::int AS reads FROM pg_stat_user_tables WHERE relname = ANY ($1)',
    [TABLES],
  )
  return Object.fromEntries(rows.map(({ name, reads }) => [name, reads]))
}

it('[BAT-1, DWN-1] no table is read whole, also by plans that were made while it was tiny', async () => {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  const actor = await authenticate({
    ctx: { ...services.admin, runtime },
    credentials: { deviceToken: scout.token, bearer: undefined },
  })
  let cursor = ''
  const send = async (seen = observation()): Promise<void> => {
    const records = {
      observations: [seen],
      recommendations: [recommendation({ observationId: seen.observationId })],
    }
    for (const batch of [syncBatch({ ...records, lastKnownServerCursor: cursor }), syncBatch()]) {
      const input = SyncBatchRequest.parse(batch)
      const { document } = await applyBatch({ ctx: { ...scout.ctx(batch.syncId), runtime, actor }, input })
      cursor = document.toJSON().serverCursor
    }
  }
  const edited = observation()
  await send(edited)
  // Now PostgreSQL knows that the tables are tiny, and that reading them whole would be quickest.
  await services.owner.pool.query('ANALYZE')
  const before = await wholeReads()
  // More often than the five executions after which PostgreSQL may settle on one plan for good.
  for (let round = 0; round < 12; round++) {
    await send()
    await send({ ...edited, updatedAt: `2026-02-11T18:00:${10 + round}Z`, rawNoteText: `Edit ${round}` })
  }
  expect(await wholeReads()).toEqual(before)
})
