import { readUnindexed, searchAuditTerms, storeAuditTerms } from '@fieldsync/db'
import { type AuditBody, type AuditFilter, auditTerms, filterTerms } from '@fieldsync/domain'
import { seededRandom, sha256 } from '@fieldsync/testkit'
import pg from 'pg'

import type { BenchDatabase } from './cluster.ts'
import { median } from './statistics.ts'

const WORKSPACE = 'ws_audit'
const ENTRIES = 1_000_000
const DEVICES = 200
const RULES = 40
const RUNS = 40
const PAGE = 51
const START = Date.UTC(2026, 0, 1)
const BETWEEN_MS = 20_000
const FIRST_DAY = new Date(START)

export type SearchTime = { search: string; medianMs: number; slowestMs: number }
export type InsertTime = { way: string; medianMs: number }

/** How long searches of the audit take at a million entries, and what other ways of indexing would cost a commit. */
export async function measureAudit(
  { ownerUrl }: BenchDatabase,
  say: (text: string) => void,
): Promise<{ searches: SearchTime[]; inserts: InsertTime[] }> {
  const client = new pg.Client(ownerUrl)
  await client.connect()
  try {
    say(`writing ${ENTRIES.toLocaleString('en')} entries`)
    await client.query(FILL, [WORKSPACE, ENTRIES, DEVICES, RULES, FIRST_DAY, BETWEEN_MS])
    const start = performance.now()
    await indexAll(client, say)
    say(`indexed in ${Math.round((performance.now() - start) / 1000)} s`)
    await client.query('VACUUM (ANALYZE) audit_terms')
    await client.query('VACUUM (ANALYZE) audit_entries')
    return { searches: await measureSearches(client), inserts: await measureInserts(client) }
  } finally {
    await client.end()
  }
}

// Devices are not equally busy: the first has a fifth of all entries. One in fifty is an edit of a rule.
const FILL = `WITH made AS (
    SELECT i, least($3::int - 1, floor($3::int * power(random(), 3)))::int AS device, random() AS kind,
      floor($4::int * random())::int AS rule, $5::timestamptz + i * ($6::int * interval '1 millisecond') AS at
    FROM generate_series(1, $2::int) AS i
  ), head AS (
    INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ($1, $1, 'UTC', $5) RETURNING workspace_id
  ), ends AS (
    INSERT INTO workspace_heads (workspace_id, position, audit_seq, audit_hash, state_hash)
      SELECT workspace_id, 0, $2::int, repeat('0', 64), repeat('0', 64) FROM head
  )
  INSERT INTO audit_entries (workspace_id, seq, hash, body, at)
    SELECT $1, i, encode(sha256(i::text::bytea), 'hex'), json_build_object(
      'act', CASE WHEN kind < 0.02 THEN 'playbooks.applyPatch' WHEN kind < 0.1 THEN 'device.contact' ELSE 'sync.batch' END,
      'actor', json_build_object('auth', 'key', 'usr', CASE WHEN kind < 0.02 THEN 'per_' || device % 7 END,
        'dev', 'dev_scout_' || device, 'client', NULL, 'role', 'scout', 'jti', NULL, 'via', 'rest'),
      'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'chg', CASE WHEN kind < 0.02 THEN json_build_array(json_build_object('type', 'playbook', 'id', 'pbk_yolo_grape', 'kind',
          'patch', 'before', 'x', 'after', 'y', 'paths', json_build_array('/rules/rule_' || rule || '/constraints/maxWindKph')))
        WHEN kind < 0.1 THEN '[]'::json
        ELSE json_build_array(json_build_object('type', 'observation', 'id', 'obs_20260211_' || lpad(i::text, 26, '0'), 'kind',
          'create', 'before', NULL, 'after', 'y')) END,
      'out', json_build_object('ok', true, 'code', NULL),
      'req', json_build_object('id', i::text, 'idem', i::text, 'bodySha256', NULL),
      'seq', i, 'tgt', NULL, 'v', 2, 'ws', $1::text)::text, at
    FROM made`

async function indexAll(client: pg.Client, say: (text: string) => void): Promise<void> {
  for (let indexed = 0; ;) {
    await client.query('BEGIN')
    const { rows } = await readUnindexed(client, WORKSPACE, { rows: 5000, bytes: 64 * 1024 * 1024 })
    const last = rows.at(-1)
    if (last) {
      const terms = rows.map(({ at, body, seq }) => ({
        seq,
        at,
        terms: auditTerms(JSON.parse(body) as AuditBody, sha256),
      }))
      await storeAuditTerms(client, WORKSPACE, terms, last.seq)
    }
    await client.query('COMMIT')
    if (!last) return
    if (Math.floor(last.seq / 250_000) > Math.floor(indexed / 250_000)) say(`indexed ${last.seq}`)
    indexed = last.seq
  }
}

type Search = AuditFilter & { readonly from?: Date; readonly to?: Date }

async function measureSearches(client: pg.Client): Promise<SearchTime[]> {
  const rng = seededRandom(20260211)
  const upTo = (count: number): number => Math.floor(rng.fraction() * count)
  const dayFrom = (day: number): Date => new Date(START + day * 86_400_000)
  const kinds: readonly (readonly [string, () => Search])[] = [
    ['a busy device', () => ({ deviceId: 'dev_scout_0' })],
    ['any device', () => ({ deviceId: `dev_scout_${upTo(DEVICES)}` })],
    ['a record', () => ({ recordId: `obs_20260211_${String(upTo(ENTRIES)).padStart(26, '0')}` })],
    ['a rule', () => ({ path: `/rules/rule_${upTo(RULES)}` })],
    ['any edit of a playbook', () => ({ path: '' })],
    ['a rule and a person', () => ({ path: `/rules/rule_${upTo(RULES)}`, personId: `per_${upTo(7)}` })],
    ['an action', () => ({ action: 'device.contact' })],
    ['a busy device and an action', () => ({ deviceId: 'dev_scout_0', action: 'playbooks.applyPatch' })],
    ['a device and an action', () => ({ deviceId: `dev_scout_${upTo(DEVICES)}`, action: 'device.contact' })],
    [
      'a busy device and an action that it never does',
      () => ({ deviceId: 'dev_scout_0', action: 'device.wipe' }),
    ],
    ['a busy device and a person who never used it', () => ({ deviceId: 'dev_scout_0', personId: 'per_3' })],
    [
      'a day',
      () => {
        const day = upTo(200)
        return { from: dayFrom(day), to: dayFrom(day + 1) }
      },
    ],
    [
      'a device in a week',
      () => {
        const day = upTo(200)
        return { deviceId: `dev_scout_${upTo(DEVICES)}`, from: dayFrom(day), to: dayFrom(day + 7) }
      },
    ],
  ]
  const measured: SearchTime[] = []
  for (const [search, filterOf] of kinds) {
    const times: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const { from, to, ...filter } = filterOf()
      const start = performance.now()
      const found = await searchAuditTerms(client, {
        workspaceId: WORKSPACE,
        ...filterTerms(filter, sha256),
        from,
        to,
        beyond: undefined,
        order: 'newest first',
        limit: PAGE,
      })
      await client.query('SELECT body FROM audit_entries WHERE workspace_id = $1 AND seq = ANY ($2)', [
        WORKSPACE,
        found.map(({ seq }) => seq),
      ])
      times.push(performance.now() - start)
    }
    measured.push({ search, medianMs: median(times), slowestMs: Math.max(...times) })
  }
  return measured
}

const CHANGES = 1000

/** A row with a thousand changes, as the lock of a batch would hold it: alone, and with each way to index it at once. */
async function measureInserts(client: pg.Client): Promise<InsertTime[]> {
  const ids = `jsonb_path_query_array(body::jsonb, '$.chg[*].id')`
  await client.query(`CREATE TABLE audit_gin (LIKE audit_entries INCLUDING ALL);
    CREATE INDEX ON audit_gin USING gin ((${ids}) jsonb_path_ops);
    CREATE TABLE audit_gin_slow (LIKE audit_entries INCLUDING ALL);
    CREATE INDEX ON audit_gin_slow USING gin ((${ids}) jsonb_path_ops) WITH (fastupdate = off)`)
  const insert = (table: string, seq: number, body: string): Promise<unknown> =>
    client.query(`INSERT INTO ${table} (workspace_id, seq, hash, body, at) VALUES ($1, $2, $3, $4, now())`, [
      WORKSPACE,
      seq,
      'h',
      body,
    ])
  const ways: readonly (readonly [string, (seq: number, body: AuditBody) => Promise<unknown>])[] = [
    ['the row alone', (seq, body) => insert('audit_entries', seq, JSON.stringify(body))],
    [
      'with its terms in the same transaction',
      async (seq, body) => {
        await insert('audit_entries', seq, JSON.stringify(body))
        const terms = auditTerms(body, sha256)
        await storeAuditTerms(client, WORKSPACE, [{ seq, at: new Date(body.at), terms }], seq)
      },
    ],
    [
      'with a GIN index on the body, fastupdate',
      (seq, body) => insert('audit_gin', seq, JSON.stringify(body)),
    ],
    ['with a GIN index on the body', (seq, body) => insert('audit_gin_slow', seq, JSON.stringify(body))],
  ]
  const times = new Map(ways.map(([way]) => [way, [] as number[]]))
  for (let run = 0, seq = ENTRIES + 1; run < RUNS; run++) {
    for (const [way, write] of ways) {
      const body = bodyOf(seq)
      const start = performance.now()
      await client.query('BEGIN')
      await write(seq, body)
      await client.query('COMMIT')
      times.get(way)?.push(performance.now() - start)
      seq++
    }
  }
  return [...times].map(([way, all]) => ({ way, medianMs: median(all) }))
}

const bodyOf = (seq: number): AuditBody => ({
  v: 2,
  ws: WORKSPACE,
  seq,
  at: new Date(START + seq * BETWEEN_MS).toISOString(),
  act: 'sync.batch',
  actor: { auth: 'key', usr: null, dev: 'dev_scout_1', client: null, role: 'scout', jti: null, via: 'rest' },
  chg: Array.from({ length: CHANGES }, (_, i) => ({
    type: 'observation',
    id: `obs_20260212_${sha256(`${seq} ${i}`).slice(0, 26)}`,
    kind: 'create',
    before: null,
    after: sha256(`${seq}-${i}`),
  })),
  tgt: null,
  req: { id: String(seq), idem: String(seq), bodySha256: null },
  out: { ok: true, code: null },
})

/** Both as a table in Markdown. */
export function auditTable({
  inserts,
  searches,
}: {
  searches: readonly SearchTime[]
  inserts: readonly InsertTime[]
}): string {
  const ms = (value: number): string => value.toFixed(1)
  return [
    '| Search at 1,000,000 entries | median ms | slowest ms |',
    '| --- | ---: | ---: |',
    ...searches.map((each) => `| ${each.search} | ${ms(each.medianMs)} | ${ms(each.slowestMs)} |`),
    '',
    '| A row of 1,000 changes | median ms |',
    '| --- | ---: |',
    ...inserts.map((each) => `| ${each.way} | ${ms(each.medianMs)} |`),
  ].join('\n')
}
