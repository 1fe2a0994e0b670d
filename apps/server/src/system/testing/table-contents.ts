import type { Database } from '@fieldsync/db'

/** Rows and a digest of them by table. */
export type TableContents = Record<string, { readonly rows: number; readonly digest: string | null }>

/**
 * What every table holds of one workspace, or of all. The tables are asked for, not listed, so that a new one is
 * never left out.
 * @param except tables that may change at any time
 */
export async function tableContents(
  { pool }: Pick<Database, 'pool'>,
  options: { readonly workspaceId?: string; readonly except?: readonly string[] } = {},
): Promise<TableContents> {
  const { workspaceId, except = [] } = options
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables
     WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' AND tablename <> ALL ($1) ORDER BY 1`,
    [except],
  )
  const query = tables
    .map(
      ({ name }) =>
        `SELECT '${name}' AS name, count(*)::int AS rows, md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest
         FROM "${name}" t WHERE $1::text IS NULL OR workspace_id = $1`,
    )
    .join(' UNION ALL ')
  const { rows } = await pool.query<{ name: string; rows: number; digest: string | null }>(query, [
    workspaceId ?? null,
  ])
  return Object.fromEntries(rows.map(({ name, ...found }) => [name, found]))
}

/** How many rows each table holds. */
export const rowsOf = (contents: TableContents): Record<string, number> =>
  Object.fromEntries(Object.entries(contents).map(([name, { rows }]) => [name, rows]))
