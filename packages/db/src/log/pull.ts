import type pg from 'pg'

import { Batcher } from '../batcher.ts'
import type { Database } from '../database.ts'
import type { ReadReplicas } from '../replica/read-replicas.ts'
import type { Queryable } from '../transaction.ts'
import { type CursorPosition, provesItself } from './cursor-proof.ts'

export type PullQuery = CursorPosition & {
  workspaceId: string
  deviceId: string
  epoch: number
  operation: string
  idempotencyKey: string
  syncId: string
  maxRecords: number
  maxBytes: number
}

/** A page of the log as JSON texts: `playbook` an object, `rest` further members of the answer. */
export type PulledPage = {
  outcome: 'done'
  cursor: string
  playbook: string
  observations: string[]
  recommendations: string[]
  rest: string
  lastPosition: number
  hasMore: boolean
  /** Of the workspace at `lastPosition`; valid only if `hasMore` is false. */
  stateHash: string
}

export type PullOutcome = PulledPage | { outcome: 'credential' | 'key_bound' | 'cursor_invalid' }

type AccessState = {
  n: number
  head: number
  stateHash: string
  keyBound: boolean
  genuine: boolean
  playbook: string
  /** The end of the workspace's audit chain, where there are replicas. */
  seq?: number
  hash?: string
}

// One row per pull, numbered in the given order; none where the device's rights have changed. The cursor and the
// playbook as in fieldsync_downstream, written out: PostgreSQL sets up a function again for each call.
const accessStates = (
  more = '',
): string => `SELECT q.n::int AS n, h.position::float8 AS head, h.state_hash AS "stateHash",
    EXISTS (SELECT FROM sync_events e WHERE e.idempotency_key IN (q.key, q.sync_id) AND e.device_id = q.device_id
      AND e.workspace_id = q.workspace_id AND e.operation = q.operation)
    OR EXISTS (SELECT FROM sync_events e WHERE e.sync_id IN (q.key, q.sync_id) AND e.device_id = q.device_id
      AND e.workspace_id = q.workspace_id AND e.operation = q.operation) AS "keyBound",
    ${provesItself('q.workspace_id', 'q.cursor', 'q.position')}
      AND ${provesItself('q.workspace_id', 'q.head_cursor', 'q.head_position')} AS genuine,
    coalesce((
      SELECT '{"playbookId":' || to_json(p.playbook_id) || ',"version":' || p.active_version
        || ',"updatedAt":' || to_json(p.updated_at) || '}'
      FROM playbooks p WHERE p.workspace_id = q.workspace_id ORDER BY p.position DESC LIMIT 1
    ), 'null') AS playbook${more}
  FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
      $9::text[], $10::bigint[])
    WITH ORDINALITY AS q(workspace_id, device_id, epoch, operation, key, sync_id, cursor, position, head_cursor, head_position, n)
  JOIN devices d ON d.workspace_id = q.workspace_id AND d.device_id = q.device_id AND d.epoch = q.epoch
    AND d.revoked_at IS NULL
  JOIN workspace_heads h ON h.workspace_id = q.workspace_id`

const ACCESS = { name: 'pull_standing', text: accessStates() }
const ACCESS_AND_END = {
  name: 'pull_access_and_end',
  text: accessStates(', h.audit_seq::float8 AS seq, h.audit_hash AS hash'),
}

// Head, state hash and page are from one snapshot: a record that moves on while they are read is missing from none. The
// records are returned as rows, one branch after the other, each along its index: assembled in PostgreSQL, or sorted
// again, they would cost it three times as much.
const PAGE = `WITH page AS MATERIALIZED (
    SELECT p.cursor, p.playbook, p.rest, p.last_record, p.last_position, p.has_more, h.state_hash
    FROM workspace_heads h, fieldsync_page($1, $2, h.position, h.position, $3, $4) p WHERE h.workspace_id = $1
  )
  SELECT 'page' AS kind, json_build_object('cursor', p.cursor, 'playbook', p.playbook, 'rest', p.rest,
    'lastPosition', p.last_position, 'hasMore', p.has_more, 'stateHash', p.state_hash)::text AS text FROM page p
  UNION ALL
  SELECT 'observation', o.document FROM page p, LATERAL (
    SELECT o.document::text AS document FROM observations o
    WHERE o.workspace_id = $1 AND o.position > $2 AND o.position <= p.last_record ORDER BY o.position LIMIT $3) o
  UNION ALL
  SELECT 'recommendation', r.document FROM page p, LATERAL (
    SELECT r.document::text AS document FROM recommendations r
    WHERE r.workspace_id = $1 AND r.position > $2 AND r.position <= p.last_record ORDER BY r.position LIMIT $3) r`

type PageRow = { kind: 'page' | 'observation' | 'recommendation'; text: string }

// One round trip at a time: pulls that arrive in the meantime share the next one, so a server under load needs fewer.
const STANDINGS_AT_ONCE = 1
const MOST_STANDINGS = 64

/** From this many positions behind the head on, a pull is read from a replica: less costs the primary next to nothing. */
const FAR_BEHIND = 500

/**
 * Reads pages of the log without a lock. A pull that finds nothing new, as most do, costs one row of one statement, which
 * it shares with concurrent pulls; only new records are fetched by a second one.
 */
export class PageReader {
  readonly #pool: pg.Pool
  readonly #replicas: ReadReplicas | undefined
  readonly #accessStates: Batcher<PullQuery, AccessState | 'credential'>

  /**
   * @param db one reader for each, so that all its pulls share statements
   * @param options.oneWorkspace a statement is of one workspace (BAT-1)
   */
  constructor(
    { pool, replicas }: Pick<Database, 'pool' | 'replicas'>,
    { oneWorkspace }: { readonly oneWorkspace: boolean } = { oneWorkspace: false },
  ) {
    this.#pool = pool
    this.#replicas = replicas
    const statement = replicas ? ACCESS_AND_END : ACCESS
    this.#accessStates = new Batcher({
      run: (queries) =>
        oneWorkspace
          ? byWorkspace(queries, (own) => readAccessStates(pool, statement, own))
          : readAccessStates(pool, statement, queries),
      runsAtOnce: STANDINGS_AT_ONCE,
      mostCalls: MOST_STANDINGS,
    })
  }

  async read(query: PullQuery): Promise<PullOutcome> {
    const accessState = await this.#accessStates.call(query)
    if (accessState === 'credential') return { outcome: 'credential' }
    const { head, stateHash, keyBound, genuine, playbook } = accessState
    if (keyBound) return { outcome: 'key_bound' }
    if (!genuine) return { outcome: 'cursor_invalid' }
    const { cursor, position } = query
    if (cursor !== null && position === head) {
      const nothing = { observations: [], recommendations: [], rest: '', lastPosition: head, hasMore: false }
      return { outcome: 'done', cursor, playbook, stateHash, ...nothing }
    }
    return (await this.#pageOfReplica(query, accessState)) ?? (await readPage(this.#pool, query))
  }

  /**
   * A page of what is far behind the head, from a replica; undefined where there is none that has everything that the primary
   * had when the pull came: its own writes, and what a poke was sent for (REP-2).
   */
  async #pageOfReplica(query: PullQuery, access: AccessState): Promise<PulledPage | undefined> {
    const { workspaceId, cursor, position, head } = query
    const { seq, hash } = access
    if (!this.#replicas || seq === undefined || hash === undefined) return undefined
    // The cursor of a page that was not the last one carries the head.
    const isFar = cursor === null || head !== null || access.head - position >= FAR_BEHIND
    if (!isFar) return undefined
    const read = await this.#replicas.read({ workspaceId, seq, hash }, (replica) => readPage(replica, query))
    return read?.result
  }
}

async function readPage(source: Queryable, query: PullQuery): Promise<PulledPage> {
  const { workspaceId, position, maxRecords, maxBytes } = query
  const { rows } = await source.query<PageRow>({
    name: 'pull_page',
    text: PAGE,
    values: [workspaceId, position, maxRecords, maxBytes],
  })
  const [page] = rows
  if (page?.kind !== 'page') throw new Error('fieldsync_page did not return the page first')
  const records = (kind: PageRow['kind']) => rows.filter((row) => row.kind === kind).map(({ text }) => text)
  return {
    outcome: 'done',
    // Written by the statement.
    ...(JSON.parse(page.text) as Omit<PulledPage, 'outcome' | 'observations' | 'recommendations'>),
    observations: records('observation'),
    recommendations: records('recommendation'),
  }
}

/** Runs the queries of each workspace by themselves, and answers in the order of all. */
async function byWorkspace<Answer>(
  queries: readonly PullQuery[],
  run: (own: readonly PullQuery[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const groups = [...Map.groupBy(queries, ({ workspaceId }) => workspaceId).values()]
  const answers = new Map<PullQuery, Answer>()
  await Promise.all(
    groups.map(async (own) => {
      const found = await run(own)
      for (const [i, query] of own.entries()) if (i in found) answers.set(query, found[i] as Answer)
    }),
  )
  return queries.flatMap((query) => answers.get(query) ?? [])
}

async function readAccessStates(
  pool: pg.Pool,
  statement: { readonly name: string; readonly text: string },
  queries: readonly PullQuery[],
): Promise<(AccessState | 'credential')[]> {
  const column = <Key extends keyof PullQuery>(key: Key): PullQuery[Key][] =>
    queries.map((query) => query[key])
  const { rows } = await pool.query<AccessState>({
    ...statement,
    values: [
      column('workspaceId'),
      column('deviceId'),
      column('epoch'),
      column('operation'),
      column('idempotencyKey'),
      column('syncId'),
      column('cursor'),
      column('position'),
      queries.map(({ head }) => head?.cursor ?? null),
      queries.map(({ head }) => head?.position ?? null),
    ],
  })
  const answers: (AccessState | 'credential')[] = queries.map(() => 'credential')
  for (const row of rows) answers[row.n - 1] = row
  return answers
}
