import type { Queryable } from '../transaction.ts'

/** A row of the audit chain with what its entries are found by. */
export type IndexedRow = {
  readonly seq: number
  readonly at: Date
  readonly terms: readonly { readonly term: string; readonly index: number }[]
}

/** The next rows to index, and how far the chain goes. */
export type Unindexed = { rows: { seq: number; body: string; at: Date }[]; indexed: number; head: number }

/** True if all of a workspace's chain is in the index. */
export async function isIndexed(connection: Queryable, workspaceId: string): Promise<boolean> {
  const { rows } = await connection.query<{ done: boolean }>({
    name: 'audit_indexed',
    text: `SELECT h.audit_seq <= coalesce((SELECT i.seq FROM audit_index_heads i WHERE i.workspace_id = $1), 0) AS done
      FROM workspace_heads h WHERE h.workspace_id = $1`,
    values: [workspaceId],
  })
  return rows[0]?.done ?? true
}

/** The next workspaces, by their id, whose chain is not all in the index. */
export async function unindexedWorkspaces(
  connection: Queryable,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await connection.query<{ workspaceId: string }>(
    `SELECT h.workspace_id AS "workspaceId" FROM workspace_heads h
      LEFT JOIN audit_index_heads i ON i.workspace_id = h.workspace_id
      WHERE h.workspace_id > $1 AND h.audit_seq > coalesce(i.seq, 0) ORDER BY h.workspace_id LIMIT $2`,
    [after, limit],
  )
  return rows.map(({ workspaceId }) => workspaceId)
}

/**
 * Takes the turn to index a workspace until the end of the transaction, and reads what comes next; at most `rows` rows, and no
 * more once their bodies reach `bytes`. Never waits for a write: its lock is not the head row.
 */
export async function readUnindexed(
  connection: Queryable,
  workspaceId: string,
  most: { readonly rows: number; readonly bytes: number },
): Promise<Unindexed> {
  await connection.query(
    'INSERT INTO audit_index_heads (workspace_id, seq) VALUES ($1, 0) ON CONFLICT DO NOTHING',
    [workspaceId],
  )
  const { rows: heads } = await connection.query<{ indexed: string; head: string }>(
    `SELECT i.seq AS indexed, h.audit_seq AS head FROM audit_index_heads i
      JOIN workspace_heads h ON h.workspace_id = i.workspace_id WHERE i.workspace_id = $1 FOR UPDATE OF i`,
    [workspaceId],
  )
  const indexed = Number(heads[0]?.indexed ?? 0)
  const head = Number(heads[0]?.head ?? 0)
  const { rows } = await connection.query<{ seq: string; body: string; at: Date }>(
    `SELECT seq, body, at FROM (
        SELECT r.*, sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS before FROM (
          SELECT seq, body, at FROM audit_entries WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
        ) r
      ) weighed WHERE before < $4 ORDER BY seq`,
    [workspaceId, indexed, most.rows, most.bytes],
  )
  return { rows: rows.map((row) => ({ ...row, seq: Number(row.seq) })), indexed, head }
}

/** Adds rows to the index, in the transaction that has the turn. @param upTo all rows up to this one are in it then */
export async function storeAuditTerms(
  connection: Queryable,
  workspaceId: string,
  rows: readonly IndexedRow[],
  upTo: number,
): Promise<void> {
  const flat = rows.flatMap(({ seq, at, terms }) => terms.map((each) => ({ ...each, seq, at })))
  await connection.query({
    name: 'store_audit_terms',
    text: `INSERT INTO audit_terms (workspace_id, term, at, seq, index)
      SELECT $1, t.term, t.at, t.seq, t.index
      FROM unnest($2::text[], $3::timestamptz[], $4::bigint[], $5::int[]) AS t(term, at, seq, index)
      ON CONFLICT DO NOTHING`,
    values: [
      workspaceId,
      flat.map(({ term }) => term),
      flat.map(({ at }) => at),
      flat.map(({ seq }) => seq),
      flat.map(({ index }) => index),
    ],
  })
  await connection.query('UPDATE audit_index_heads SET seq = $2 WHERE workspace_id = $1', [workspaceId, upTo])
}

/** Where an entry, or a row as a whole, lies in what a search finds: in the order of time, then of the chain. */
export type FoundPlace = { readonly at: Date; readonly seq: number; readonly index: number }

/** What a search goes on from; index null where all of its row lies behind. */
export type BeyondPlace = { readonly at: Date; readonly seq: number; readonly index: number | null }

export type AuditSearch = {
  readonly workspaceId: string
  /** Terms of whole rows, each needed. */
  readonly rows: readonly string[]
  /** Of each list one term is needed, and all for the same change. */
  readonly changes: readonly (readonly string[])[]
  /** Inclusive. */
  readonly from: Date | undefined
  /** Exclusive. */
  readonly to: Date | undefined
  readonly beyond: BeyondPlace | undefined
  readonly order: 'newest first' | 'oldest first'
  readonly limit: number
}

/**
 * Finds entries by their terms, by index scans alone. Where no changes are asked for, whole rows are found, with the index -1;
 * one of which some entries lie behind is found again.
 */
export async function searchAuditTerms(connection: Queryable, search: AuditSearch): Promise<FoundPlace[]> {
  const { text, values } = searchStatement(search)
  // Unnamed: its plan depends on how frequent the terms are.
  const { rows } = await connection.query<{ at: Date; seq: string; index: number }>(text, values)
  return rows.map((row) => ({ at: row.at, seq: Number(row.seq), index: row.index }))
}

function searchStatement(search: AuditSearch): { text: string; values: unknown[] } {
  const values: unknown[] = [search.workspaceId]
  const parameter = (value: unknown): string => `$${values.push(value)}`
  const ofRows = search.rows.map((term) => {
    const bounds = boundsOf(search, 'row', parameter)
    return `SELECT at, seq, index FROM audit_terms
      WHERE workspace_id = $1 AND term = ${parameter(term)} AND index = -1${bounds}`
  })
  const ofChanges = search.changes.map((terms) => {
    const bounds = boundsOf(search, 'change', parameter)
    const [only] = terms
    return terms.length === 1
      ? `SELECT at, seq, index FROM audit_terms WHERE workspace_id = $1 AND term = ${parameter(only)}${bounds}`
      : `SELECT DISTINCT at, seq, index FROM audit_terms WHERE workspace_id = $1 AND term = ANY (${parameter(terms)})${bounds}`
  })
  const joins = [...ofChanges, ...ofRows].map((sql, i) => {
    if (i === 0) return `FROM (${sql}) s0`
    const sameChange = i < ofChanges.length ? ` AND s${i}.index = s0.index` : ''
    return `JOIN (${sql}) s${i} ON s${i}.at = s0.at AND s${i}.seq = s0.seq${sameChange}`
  })
  const direction = search.order === 'newest first' ? 'DESC' : 'ASC'
  const text = `SELECT s0.at, s0.seq, s0.index ${joins.join(' ')}
    ORDER BY s0.at ${direction}, s0.seq ${direction}, s0.index ${direction} LIMIT ${parameter(search.limit)}`
  return { text, values }
}

function boundsOf(
  { beyond, from, order, to }: AuditSearch,
  kind: 'row' | 'change',
  parameter: (value: unknown) => string,
): string {
  const bounds = [...(from ? [`at >= ${parameter(from)}`] : []), ...(to ? [`at < ${parameter(to)}`] : [])]
  if (beyond) {
    const { at, index, seq } = beyond
    const isBeyond = order === 'newest first' ? '<' : '>'
    const place = `${parameter(at)}::timestamptz, ${parameter(seq)}::bigint`
    if (index === null) bounds.push(`(at, seq) ${isBeyond} (${place})`)
    else if (kind === 'row') bounds.push(`(at, seq) ${isBeyond}= (${place})`)
    else bounds.push(`(at, seq, index) ${isBeyond} (${place}, ${parameter(index)}::int)`)
  }
  return bounds.map((each) => ` AND ${each}`).join('')
}
