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

/** Index entries read so far, over all tables. */
async function entriesRead(): Promise<number> {
  await db.pool.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await db.pool.query<{ n: number }>(
    'SELECT sum(idx_tup_read)::int AS n FROM pg_stat_user_indexes',
  )
  return rows[0]?.n ?? Number.NaN
}

/** Puts older rows into every table that a batch looks things up in, beside those of the workspace's device. */
async function grow(workspaceId: string, rows: number): Promise<void> {
  const copies = async (table: string, columns: string, old: string): Promise<void> => {
    await services.owner.pool.query(
      `INSERT INTO ${table} (${columns}) SELECT ${old} FROM (SELECT * FROM ${table} WHERE workspace_id = $1 LIMIT 1) x,
       generate_series(1, $2) i`,
      [workspaceId, rows],
    )
  }
  const record = 'status, document, document_bytes, time_micros, revision, stored_at'
  await copies(
    'observations',
    `workspace_id, observation_id, device_id, ${record}, position`,
    `workspace_id, 'obs_old_' || i, device_id, ${record}, -i`,
  )
  await copies(
    'recommendations',
    `workspace_id, recommendation_id, observation_id, ${record}, position`,
    `workspace_id, 'rec_old_' || i, observation_id, ${record}, -i`,
  )
  const event = 'workspace_id, device_id, operation, request_sha256, response, counts, received_at'
  await copies('sync_events', `${event}, idempotency_key, sync_id`, `${event}, 'old_' || i, 'old_' || i`)
  // The statistics of what made them arrive late, and must not be taken for those of a batch.
  await services.owner.pool.query('SELECT pg_stat_force_next_flush()')
}

it('[BAT-1, IDM-6] a batch and a pull read as much with 2,000 records stored as with few, while PostgreSQL does not know of them yet', async () => {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  const actor = await authenticate({
    ctx: { ...services.admin, runtime },
    credentials: { deviceToken: scout.token, bearer: undefined },
  })
  let cursor = ''
  const send = async (records: Parameters<typeof syncBatch>[0]): Promise<void> => {
    const batch = syncBatch({ ...records, lastKnownServerCursor: cursor })
    const { document } = await applyBatch({
      ctx: { ...scout.ctx(batch.syncId), runtime, actor },
      input: SyncBatchRequest.parse(batch),
    })
    cursor = document.toJSON().serverCursor
  }
  const [edited, advised] = [observation(), observation()]
  await send({ observations: [edited, advised] })
  const cost = async (serial: number): Promise<number> => {
    const before = await entriesRead()
    const updatedAt = `2026-02-11T18:00:${10 + serial}Z`
    await send({ observations: [observation(), { ...edited, updatedAt, rawNoteText: `Edit ${serial}` }] })
    await send({ recommendations: [recommendation({ observationId: advised.observationId })] })
    await send({})
    return (await entriesRead()) - before
  }
  // More often than the five executions after which PostgreSQL may settle on one plan for good.
  for (let serial = 0; serial < 8; serial++) await cost(serial)
  const small = await cost(8)
  await grow(workspace.workspaceId, 2_000)
  expect(await cost(9)).toBeLessThanOrEqual(small + 10)
})
