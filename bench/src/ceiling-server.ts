// The ceiling: what the same database can do behind a bare node:http server. It writes the same rows in one set-based
// transaction (counter, upsert, event) and reads pages of them; it checks nothing. With COALESCE=1, pushes that arrive while one
// transaction is on its way share the next one, and its statements.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

import pg from 'pg'

import { CLIENTS } from './clients.ts'

type Body = {
  syncId: string
  device: { deviceId: string }
  lastKnownServerCursor: string
  maxDownstream?: number
  upserts: { observations: { observationId: string; status: string }[] }
}

const WORKSPACE_OF: ReadonlyMap<string, string> = new Map(
  CLIENTS.map(({ deviceId, workspaceId }) => [deviceId, workspaceId]),
)
const COUNTER =
  'UPDATE workspace_heads SET position = position + $2 WHERE workspace_id = $1 RETURNING position::float8 AS position'
const UPSERT = `INSERT INTO observations
    (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at)
  SELECT $1, x.id, x.device, x.status, x.document, 1000, 0, 1, $2 + x.i, now()
  FROM json_to_recordset($3) AS x(i int, id text, device text, status text, document json)
  ON CONFLICT (workspace_id, observation_id) DO UPDATE SET
    status = excluded.status, document = excluded.document, position = excluded.position,
    revision = observations.revision + 1, stored_at = excluded.stored_at`
const EVENT = `INSERT INTO sync_events
    (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
  VALUES ($1, $2, 'sync.batch', $3, $3, $4, $5, '{}', now())`
const COUNTERS = `UPDATE workspace_heads h SET position = h.position + x.records
  FROM json_to_recordset($1) AS x(workspace text, records int)
  WHERE h.workspace_id = x.workspace RETURNING h.workspace_id, h.position::float8 AS position`
const UPSERTS = `INSERT INTO observations
    (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at)
  SELECT x.workspace, x.id, x.device, x.status, x.document, 1000, 0, 1, x.position, now()
  FROM json_to_recordset($1) AS x(workspace text, position bigint, id text, device text, status text, document json)
  ON CONFLICT (workspace_id, observation_id) DO UPDATE SET
    status = excluded.status, document = excluded.document, position = excluded.position,
    revision = observations.revision + 1, stored_at = excluded.stored_at`
const EVENTS = `INSERT INTO sync_events
    (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
  SELECT x.workspace, x.device, 'sync.batch', x.key, x.key, x.digest, x.answer, '{}', now()
  FROM json_to_recordset($1) AS x(workspace text, device text, key text, digest text, answer text)`
const PAGE = `SELECT position::float8 AS position, document::text AS document FROM observations
  WHERE workspace_id = $1 AND position > $2 ORDER BY observations.position LIMIT $3`

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: 10,
  // With the page size unknown, the plan for all cases sorts the whole table.
  options: '-c plan_cache_mode=force_custom_plan',
})
const workspaces = [...new Set(WORKSPACE_OF.values())]
await pool.query(
  `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) SELECT id, id, 'UTC', now() FROM unnest($1::text[]) id ON CONFLICT DO NOTHING`,
  [workspaces],
)
await pool.query(
  `INSERT INTO workspace_heads (workspace_id, position, audit_seq, audit_hash, state_hash) SELECT id, 0, 0, '', '' FROM unnest($1::text[]) id ON CONFLICT DO NOTHING`,
  [workspaces],
)

async function push(body: Body): Promise<string> {
  const { observations } = body.upserts
  const workspaceId = workspaceOf(body)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const counter = await client.query<{ position: number }>({
      name: 'counter',
      text: COUNTER,
      values: [workspaceId, observations.length],
    })
    const head = counter.rows[0]?.position ?? 0
    const rows = observations.map((document, i) => ({
      i: i + 1,
      id: document.observationId,
      device: body.device.deviceId,
      status: document.status,
      document,
    }))
    await client.query({
      name: 'upsert',
      text: UPSERT,
      values: [workspaceId, head - observations.length, JSON.stringify(rows)],
    })
    const answer = JSON.stringify({
      syncId: body.syncId,
      serverCursor: String(head),
      accepted: observations.length,
    })
    const digest = createHash('sha256').update(body.syncId).digest('hex')
    await client.query({
      name: 'event',
      text: EVENT,
      values: [workspaceId, body.device.deviceId, body.syncId, digest, answer],
    })
    await client.query('COMMIT')
    return answer
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

type Push = { body: Body; workspace: string; answered: PromiseWithResolvers<string> }

const waiting: Push[] = []
let isWriting = false

function pushWithOthers(body: Body): Promise<string> {
  const answered = Promise.withResolvers<string>()
  waiting.push({ body, workspace: workspaceOf(body), answered })
  if (!isWriting) void writeWaiting()
  return answered.promise
}

async function writeWaiting(): Promise<void> {
  isWriting = true
  // Those of one turn of the event loop go together from the start.
  await new Promise(setImmediate)
  while (waiting.length > 0) await write(waiting.splice(0))
  isWriting = false
}

/** Writes these in one transaction, and answers them. */
async function write(pushes: readonly Push[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const added = new Map<string, number>()
    for (const { body, workspace } of pushes)
      added.set(workspace, (added.get(workspace) ?? 0) + body.upserts.observations.length)
    const counters = [...added].map(([workspace, records]) => ({ workspace, records }))
    const counted = await client.query<{ workspace_id: string; position: number }>({
      name: 'counters',
      text: COUNTERS,
      values: [JSON.stringify(counters)],
    })
    const next = new Map(
      counted.rows.map((row) => [row.workspace_id, row.position - (added.get(row.workspace_id) ?? 0)]),
    )
    const rows: object[] = []
    const events: { workspace: string; device: string; key: string; digest: string; answer: string }[] = []
    for (const { body, workspace } of pushes) {
      const { observations } = body.upserts
      const { deviceId } = body.device
      const before = next.get(workspace) ?? 0
      for (const [i, document] of observations.entries())
        rows.push({
          workspace,
          position: before + i + 1,
          id: document.observationId,
          device: deviceId,
          status: document.status,
          document,
        })
      const head = before + observations.length
      next.set(workspace, head)
      events.push({
        workspace,
        device: deviceId,
        key: body.syncId,
        digest: createHash('sha256').update(body.syncId).digest('hex'),
        answer: JSON.stringify({
          syncId: body.syncId,
          serverCursor: String(head),
          accepted: observations.length,
        }),
      })
    }
    await client.query({ name: 'upserts', text: UPSERTS, values: [JSON.stringify(rows)] })
    await client.query({ name: 'events', text: EVENTS, values: [JSON.stringify(events)] })
    await client.query('COMMIT')
    for (const [i, { answered }] of pushes.entries()) answered.resolve(events[i]?.answer ?? '')
  } catch (error) {
    await client.query('ROLLBACK')
    for (const { answered } of pushes) answered.reject(error)
  } finally {
    client.release()
  }
}

async function pull(body: Body): Promise<string> {
  const after = Number(body.lastKnownServerCursor)
  const limit = body.maxDownstream ?? 500
  const workspaceId = workspaceOf(body)
  const { rows } = await pool.query<{ position: number; document: string }>({
    name: 'page',
    text: PAGE,
    values: [workspaceId, after, limit],
  })
  const cursor = rows.at(-1)?.position ?? after
  return (
    `{"serverCursor":"${cursor}","downstream":{"hasMore":${rows.length === limit},` +
    `"observations":[${rows.map((row) => row.document).join(',')}]}}`
  )
}

const workspaceOf = ({ device }: Body): string => WORKSPACE_OF.get(device.deviceId) ?? 'ws_bench'

const coalesces = process.env['COALESCE'] === '1'

async function answerTo(request: IncomingMessage): Promise<string> {
  // Written by the bench itself.
  const body = JSON.parse(await text(request)) as Body
  return body.upserts.observations.length > 0
    ? await (coalesces ? pushWithOthers(body) : push(body))
    : await pull(body)
}

const server = createServer((request, response) => {
  answerTo(request).then(
    (json) => response.writeHead(200, { 'content-type': 'application/json' }).end(json),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
server.listen(Number(process.env['PORT']), '127.0.0.1', () => process.stdout.write('ready\n'))
process.on('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  void pool.end()
})
