import type pg from 'pg'

/** A table and those of its columns that are stored, by name. */
export type StoredTable = { readonly name: string; readonly columns: readonly string[] }

/**
 * Tables that a backup leaves out (BAK-2): counters of attempts, what a weather service last said, the index of the audit, which
 * servers fill again from the chain, and signed-in browsers, so that a restore brings back none that was signed out.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'rate_limits',
  'weather_cells',
  'audit_terms',
  'audit_index_heads',
  'person_sessions',
  'person_verifications',
])

const TABLES = `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
    ARRAY(
      SELECT other.relname::text FROM pg_constraint k JOIN pg_class other ON other.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid
    ) AS needs
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND left(c.relname, 1) <> '_'
  GROUP BY c.oid, c.relname ORDER BY c.relname`

/**
 * The tables of a backup: every one of the schema but those that are left out and those that describe the schema itself. Each
 * comes after those that its foreign keys refer to.
 */
export async function readStoredTables(client: pg.ClientBase): Promise<StoredTable[]> {
  const { rows } = await client.query<StoredTable & { needs: string[] }>(TABLES)
  const included = rows.filter(({ name }) => !LEFT_OUT.has(name))
  const ordered: StoredTable[] = []
  const seen = new Set<string>()
  const place = (name: string): void => {
    const table = included.find((each) => each.name === name)
    if (!table || seen.has(name)) return
    seen.add(name)
    for (const needed of table.needs) place(needed)
    ordered.push({ name, columns: table.columns })
  }
  for (const { name } of included) place(name)
  return ordered
}
