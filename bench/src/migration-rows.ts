import { observation, playbook, playbookPatch, recommendation } from '@fieldsync/testkit'

import { withClient } from './stored-rows.ts'

const WORKSPACES = 100
const CHUNK = 100_000

type Filled = {
  readonly table: string
  /** Of all rows, in percent. */
  readonly share: number
  readonly columns: string
  /** Of the rows `made`, numbered by i; $3 is the document. */
  readonly fill: string
  readonly document?: object
}

const LEAST_SHARE = 0.5
const WORKSPACE = `'ws_' || i % ${WORKSPACES}`
const ID = `lpad(i::text, 26, '0')`
const note = observation()
const advice = recommendation({ observationId: note.observationId })

// Every table that a later migration alters, and those that are largest. Their columns are those that a build of the first
// migration writes. One recommendation in five waits for its confirmation.
const FILLED: readonly Filled[] = [
  {
    table: 'devices',
    share: LEAST_SHARE,
    columns: 'workspace_id, device_id, role, epoch, created_at',
    fill: `SELECT ${WORKSPACE}, 'dev_' || i, CASE WHEN i % 10 = 0 THEN 'agronomist' ELSE 'scout' END, 1, now() FROM made`,
  },
  {
    table: 'device_tokens',
    share: LEAST_SHARE,
    columns: 'token_hash, workspace_id, device_id, created_at',
    fill: `SELECT sha256(i::text::bytea), ${WORKSPACE}, 'dev_' || i, now() FROM made`,
  },
  {
    table: 'device_states',
    share: LEAST_SHARE,
    columns: 'workspace_id, device_id, metadata, metadata_micros, last_seen_at, position',
    fill: `SELECT ${WORKSPACE}, 'dev_' || i, '{"platform":"android","appVersion":"1.4.0"}', i, now(), i FROM made`,
  },
  {
    table: 'playbook_versions',
    share: LEAST_SHARE,
    columns: 'workspace_id, playbook_id, version, patch_id, paths, document, created_at',
    fill: `SELECT ${WORKSPACE}, 'pbk_yolo_grape', i / ${WORKSPACES} + 1, 'ptc_' || ${ID}, '{/rules}', $3::json, now() FROM made`,
    document: playbook(),
  },
  {
    table: 'playbook_patches',
    share: 2,
    columns:
      'workspace_id, patch_id, playbook_id, device_id, outcome, old_version, new_version, document, received_at',
    fill: `SELECT ${WORKSPACE}, 'ptc_' || ${ID}, 'pbk_yolo_grape', 'dev_1', 'applied', 1, 2, $3::json, now() FROM made`,
    document: playbookPatch(),
  },
  {
    table: 'weather_features',
    share: 1,
    columns: 'workspace_id, weather_features_id, document, stored_at',
    fill: `SELECT ${WORKSPACE}, 'wxf_' || ${ID}, '{"layers":[],"notes":[],"sprayWindowScore":1}', now() FROM made`,
  },
  {
    table: 'observations',
    share: 30,
    columns:
      'workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at, search_text',
    fill: `SELECT ${WORKSPACE}, 'obs_' || ${ID}, 'dev_' || i % 1000, 'confirmed', replace($3, '${note.observationId}', 'obs_' || ${ID})::json,
        octet_length($3), i, 1, i, now(), '' FROM made`,
    document: note,
  },
  {
    table: 'recommendations',
    share: 40,
    columns:
      'workspace_id, recommendation_id, observation_id, status, document, document_bytes, time_micros, revision, position, stored_at',
    fill: `SELECT ${WORKSPACE}, 'rec_' || ${ID}, 'obs_' || ${ID}, CASE WHEN i % 5 = 0 THEN 'pending_confirmation' ELSE 'confirmed' END,
        replace(replace($3, '${advice.recommendationId}', 'rec_' || ${ID}), '${note.observationId}', 'obs_' || ${ID})::json,
        octet_length($3), i, 1, i, now() FROM made`,
    document: advice,
  },
  {
    table: 'sync_events',
    share: 10,
    columns:
      'workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at',
    fill: `SELECT ${WORKSPACE}, 'dev_' || i % 1000, 'sync.batch', 'key_' || ${ID}, 'syn_' || ${ID}, repeat('a', 64), repeat('{"ok":true}', 40),
        '{"observations":1}', now() FROM made`,
  },
  {
    table: 'audit_entries',
    share: 15,
    columns: 'workspace_id, seq, hash, body, at',
    fill: `SELECT ${WORKSPACE}, i / ${WORKSPACES} + 1, repeat('b', 64), repeat('{"v":2,"act":"sync.batch"}', 20), now() FROM made`,
  },
]

/**
 * Fills the tables of the first migration.
 * @param total rows of all tables together
 * @returns how large the database is then, in bytes
 */
export async function fillTables(
  { ownerUrl, total }: { ownerUrl: string; total: number },
  say: (text: string) => void,
): Promise<number> {
  return await withClient(ownerUrl, async (client) => {
    await client.query(
      `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) SELECT 'ws_' || i, 'Farm', 'UTC', now() FROM generate_series(0, $1::int - 1) AS i`,
      [WORKSPACES],
    )
    await client.query(
      `INSERT INTO playbooks (workspace_id, playbook_id, active_version, updated_at, position, stored_at)
       SELECT workspace_id, 'pbk_yolo_grape', 1, '2026-02-11T18:00:00Z', 1, now() FROM workspaces`,
    )
    for (const { table, share, columns, fill: rows, document } of FILLED) {
      const count = Math.round((total * share) / 100)
      const insert = `WITH made AS (SELECT * FROM generate_series($1::int, $2::int) AS i) INSERT INTO ${table} (${columns}) ${rows}`
      for (let from = 1; from <= count; from += CHUNK) {
        const to = Math.min(count, from + CHUNK - 1)
        await client.query(insert, [from, to, ...(document ? [JSON.stringify(document)] : [])])
      }
      await client.query(`ANALYZE ${table}`)
      say(`${count.toLocaleString('en')} rows in ${table}`)
    }
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT pg_database_size(current_database()) AS bytes',
    )
    return Number(rows[0]?.bytes)
  })
}

/** What a client does with one table, as the build of the first migration: the row is $1. */
export type Access = { readonly table: string; readonly write: string; readonly read: string }

const at = (table: string, key: string, change: string): Access => ({
  table,
  write: `UPDATE ${table} SET ${change} WHERE workspace_id = 'ws_' || $1::int % ${WORKSPACES} AND ${key}`,
  read: `SELECT * FROM ${table} WHERE workspace_id = 'ws_' || $1::int % ${WORKSPACES} AND ${key}`,
})

export const ACCESSES: readonly Access[] = [
  at('devices', `device_id = 'dev_' || $1::int`, 'epoch = epoch + 1'),
  at('device_tokens', `token_hash = sha256($1::int::text::bytea)`, 'revoked_at = now()'),
  at('device_states', `device_id = 'dev_' || $1::int`, 'last_seen_at = now()'),
  // Nothing changes a row of these two: one is added.
  {
    ...at(
      'playbook_versions',
      `playbook_id = 'pbk_yolo_grape' AND version = $1::int / ${WORKSPACES} + 1`,
      '',
    ),
    write: `INSERT INTO playbook_versions (workspace_id, playbook_id, version, document, created_at)
      SELECT 'ws_' || $1::int % ${WORKSPACES}, 'pbk_yolo_grape', coalesce(max(version), 0) + 1, '{}', now()
      FROM playbook_versions WHERE workspace_id = 'ws_' || $1::int % ${WORKSPACES} AND playbook_id = 'pbk_yolo_grape'`,
  },
  {
    ...at('playbook_patches', `patch_id = 'ptc_' || lpad($1::int::text, 26, '0')`, ''),
    write: `INSERT INTO playbook_patches (workspace_id, patch_id, playbook_id, device_id, outcome, document, received_at)
      VALUES ('ws_' || $1::int % ${WORKSPACES}, 'ptc_' || gen_random_uuid(), 'pbk_yolo_grape', 'dev_1', 'rejected', '{}', now())`,
  },
  at('weather_features', `weather_features_id = 'wxf_' || lpad($1::int::text, 26, '0')`, 'stored_at = now()'),
  at('observations', `observation_id = 'obs_' || lpad($1::int::text, 26, '0')`, 'revision = revision + 1'),
  at(
    'recommendations',
    `recommendation_id = 'rec_' || lpad($1::int::text, 26, '0')`,
    'revision = revision + 1',
  ),
]

/** The number of a row that every table has. @param total as it was filled */
export const rowOf = (turn: number, total: number): number =>
  1 + ((turn * 7919) % Math.floor((total * LEAST_SHARE) / 100))
