import type { Queryable } from '../transaction.ts'

/** Says where a chain begins from now on; only the tables' owner may. */
export async function storeBeginning(
  owner: Queryable,
  workspaceId: string,
  { seq, hash }: { seq: number; hash: string },
): Promise<void> {
  await owner.query(
    `INSERT INTO audit_beginnings (workspace_id, seq, hash) VALUES ($1, $2, $3)
      ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
    [workspaceId, seq, hash],
  )
}

/**
 * Removes some of the rows before the beginning of a chain, in a transaction of the tables' owner, which alone may suspend the
 * trigger: the lock that this takes keeps all writes out until the end of the transaction.
 */
export async function deletePruned(
  owner: Queryable,
  workspaceId: string,
  limit: number,
): Promise<{ seq: number; body: string; at: Date }[]> {
  await owner.query('ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only')
  const { rows } = await owner.query<{ seq: string; body: string; at: Date }>(
    `DELETE FROM audit_entries e USING (
        SELECT p.seq FROM audit_entries p JOIN audit_beginnings b ON b.workspace_id = p.workspace_id
        WHERE p.workspace_id = $1 AND p.seq <= b.seq ORDER BY p.seq LIMIT $2
      ) pruned
      WHERE e.workspace_id = $1 AND e.seq = pruned.seq RETURNING e.seq, e.body, e.at`,
    [workspaceId, limit],
  )
  await owner.query('ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only')
  await owner.query('DELETE FROM audit_personal_values WHERE workspace_id = $1 AND seq = ANY ($2)', [
    workspaceId,
    rows.map(({ seq }) => seq),
  ])
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

/** Removes their terms from the index. */
export async function deleteAuditTerms(
  owner: Queryable,
  workspaceId: string,
  terms: readonly {
    readonly term: string
    readonly at: Date
    readonly seq: number
    readonly index: number
  }[],
): Promise<void> {
  await owner.query(
    `DELETE FROM audit_terms t USING unnest($2::text[], $3::timestamptz[], $4::bigint[], $5::int[]) AS p(term, at, seq, index)
      WHERE t.workspace_id = $1 AND t.term = p.term AND t.at = p.at AND t.seq = p.seq AND t.index = p.index`,
    [
      workspaceId,
      terms.map(({ term }) => term),
      terms.map(({ at }) => at),
      terms.map(({ seq }) => seq),
      terms.map(({ index }) => index),
    ],
  )
}
