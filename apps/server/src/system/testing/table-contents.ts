import type { Database } from '@fieldsync/db'

/** Rows and a digest of them by table. */
type TableContents = Record<string, { readonly rows: number; readonly digest: string | null }>

/**
 * The contents of every table for one workspace, or for all; a table of the server as a whole has none for one. The tables are queried, not listed, so that a new one is
 * never left out.
 * @param except tables that may change at any time
 */
export async function tableContents(
  { pool }: Pick<Database, 'pool'>,
  options: { readonly workspaceId?: string; readonly except?: readonly string[] } = {},
): Promise<TableContents> {
  const { workspaceId, except = [] } = options
  const rows = await ofEachTable<{ rows: number; digest: string | null }>(
    pool,
    except,
    (table) =>
      `SELECT count(*)::int AS rows, md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest
       FROM ${table} t WHERE $1::text IS NULL OR to_jsonb(t)->>'workspace_id' = $1`,
    [workspaceId ?? null],
  )
  return Object.fromEntries(rows)
}

/**
 * How many rows each table holds, and the newest transaction that wrote one: equal before and after means that nothing
 * was written in between. Costs far less than the contents, so it can be queried after every request.
 * @param except tables that may change at any time
 */
export async function tableDigests(
  { pool }: Pick<Database, 'pool'>,
  except: readonly string[] = [],
): Promise<Record<string, { readonly rows: number; readonly newest: string | null }>> {
  const rows = await ofEachTable<{ rows: number; newest: string | null }>(
    pool,
    except,
    (table) => `SELECT count(*)::int AS rows, max(xmin::text::bigint)::text AS newest FROM ${table}`,
    [],
  )
  return Object.fromEntries(rows)
}

/** Written at any time after an answer, and of no effect on any. */
const ASIDE = ['audit_terms', 'audit_index_heads', 'security_events']

/** One row of each table, by its name. */
async function ofEachTable<Row>(
  pool: Database['pool'],
  except: readonly string[],
  select: (table: string) => string,
  values: readonly unknown[],
): Promise<[string, Row][]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables
     WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%' AND tablename <> ALL ($1) ORDER BY 1`,
    [[...except, ...ASIDE]],
  )
  const query = tables.map(
    ({ name }) => `SELECT '${name}' AS name, found.* FROM (${select(`"${name}"`)}) found`,
  )
  const { rows } = await pool.query<Row & { name: string }>(query.join(' UNION ALL '), [...values])
  return rows.map(({ name, ...found }) => [name, found as Row])
}

/** How many rows each table holds. */
export const rowsOf = (contents: TableContents): Record<string, number> =>
  Object.fromEntries(Object.entries(contents).map(([name, { rows }]) => [name, rows]))
