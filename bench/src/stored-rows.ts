import { canonicalRecord } from '@fieldsync/domain'
import { observation, seededRandom } from '@fieldsync/testkit'
import pg from 'pg'

import type { BenchDatabase } from './cluster.ts'
import { sleep } from './statistics.ts'

/** Notes in one statement. */
const CHUNK = 50_000
/** Notes of one batch: it has a row of the log and a stored answer. */
const PER_BATCH = 20
const TEMPLATES = 500

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Stores notes by SQL, as batches of 20 with their answers: sending them would take longer than measuring. Each has its own
 * id in its document; ids ascend with time as ULIDs do, and those of all workspaces are mixed as they would arrive. The audit
 * and the state hash are left as they are.
 *
 * @param workspaceIds they get as many notes each
 * @param notes in all
 */
export async function storeNotes(
  { ownerUrl }: BenchDatabase,
  workspaceIds: readonly string[],
  notes: number,
  say: (text: string) => void,
): Promise<void> {
  const rng = seededRandom(20_260_101)
  const templates = Array.from({ length: TEMPLATES }, () => {
    const { record, text } = canonicalRecord(observation({ deviceId: 'dev_filled' }, rng))
    return text.split(record.observationId)
  })
  const before = templates.map(([start = '']) => start)
  const after = templates.map(([, ...rest]) => rest.join(''))
  await withClient(ownerUrl, async (client) => {
    await client.query('SET synchronous_commit = off')
    const perWorkspace = Math.ceil(notes / workspaceIds.length)
    const each = Math.max(1, Math.floor(CHUNK / workspaceIds.length))
    const began = performance.now()
    for (let stored = 0; stored < perWorkspace; stored += each) {
      const count = Math.min(each, perWorkspace - stored)
      await client.query(STORE, [workspaceIds, count, PER_BATCH, before, after])
      const done = (stored + count) * workspaceIds.length
      if (Math.floor(done / 500_000) > Math.floor((stored * workspaceIds.length) / 500_000)) {
        const seconds = (performance.now() - began) / 1000
        say(
          `stored ${done.toLocaleString('en')} of ${notes.toLocaleString('en')} notes in ${seconds.toFixed(0)} s`,
        )
      }
    }
  })
  await settle({ ownerUrl })
}

const STORE = `WITH head AS (
    UPDATE workspace_heads SET position = position + $2::int WHERE workspace_id = ANY ($1::text[])
    RETURNING workspace_id, position - $2::int AS before
  ), made AS (
    SELECT h.workspace_id, h.before, g.n, h.before + g.n AS position,
      1 + abs(hashint8(h.before + g.n)) % cardinality($4::text[]) AS template,
      'obs_20260101_01KG' || upper(lpad(to_hex(h.before + g.n), 10, '0')) || upper(left(md5(h.workspace_id || g.n), 12)) AS id
    FROM generate_series(1, $2::int) AS g(n) CROSS JOIN head h ORDER BY g.n
  ), notes AS (
    INSERT INTO observations
      (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at, search_text)
    SELECT m.workspace_id, m.id, 'dev_filled', 'draft', d.text::json, octet_length(d.text), 0, 1, m.position, now(), ''
    FROM made m CROSS JOIN LATERAL (SELECT ($4::text[])[m.template] || m.id || ($5::text[])[m.template] AS text) d
  ), batches AS (
    SELECT workspace_id, position, before + (n - 1) / $3::int * $3::int + 1 AS first, md5(workspace_id || position) AS hex
    FROM made WHERE n % $3::int = 0 OR n = $2::int
  ), commits AS (
    INSERT INTO log_commits (workspace_id, last_position, first_position, secret, committed_at)
    SELECT workspace_id, position, first, sha256(hex::bytea), now() FROM batches
  )
  INSERT INTO sync_events (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
    SELECT workspace_id, 'dev_filled', 'sync.batch', 'syn_01KG' || upper(lpad(to_hex(position), 10, '0')) || upper(left(hex, 12)),
      'syn_01KG' || upper(lpad(to_hex(position), 10, '0')) || upper(left(hex, 12)), hex || hex,
      json_build_object('syncId', 'syn_' || hex, 'acceptedAt', now(), 'serverCursor', hex || hex, 'acceptedCounts',
        json_build_object('observations', $3::int, 'recommendations', 0, 'playbookPatches', 0), 'conflicts', '[]'::json, 'downstream',
        json_build_object('playbook', NULL, 'observations', '[]'::json, 'recommendations', '[]'::json, 'hasMore', false,
          'stateHash', hex || hex))::text,
      '{"observations":20,"recommendations":0,"playbookPatches":0}'::json, now()
    FROM batches`

/** Fresh statistics and nothing left to write: what a database happens to do at the moment is not part of the measurement. */
export async function settle({ ownerUrl }: Pick<BenchDatabase, 'ownerUrl'>): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    await client.query('VACUUM (ANALYZE)')
    // Only a superuser may; it then comes by itself.
    await client.query('CHECKPOINT').catch(() => undefined)
  })
}

const QUIET_MS = 1500

/**
 * Waits until the server has done what follows from calls after their answers, and settles: the first syncs of the day are
 * recorded within a second, and each minute the audit is indexed.
 */
export async function quiet(database: BenchDatabase): Promise<void> {
  await withClient(database.ownerUrl, async (client) => {
    for (let rounds = 0; rounds < 2; rounds++) {
      await sleep(QUIET_MS)
      const { rowCount } = await client.query(UNINDEXED)
      if (rowCount !== 0) rounds = -1
    }
  })
  await settle(database)
}

const UNINDEXED = `SELECT FROM workspace_heads h LEFT JOIN audit_index_heads i ON i.workspace_id = h.workspace_id
  WHERE h.audit_seq > coalesce(i.seq, 0) LIMIT 1`

/** The cursor at the head of each workspace. */
export async function headCursors({ ownerUrl }: BenchDatabase): Promise<Map<string, string>> {
  return await withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ workspaceId: string; cursor: string }>(
      `SELECT workspace_id AS "workspaceId", fieldsync_cursor(workspace_id, position) AS cursor FROM workspace_heads`,
    )
    return new Map(rows.map(({ workspaceId, cursor }) => [workspaceId, cursor]))
  })
}
