import type { TestServices } from './test-workspace.ts'

const TABLES = [
  'observations',
  'observation_corrections',
  'recommendations',
  'playbooks',
  'playbook_versions',
  'playbook_patches',
  'playbook_proposals',
  'tombstones',
  'log_commits',
  'workspace_heads',
  'sync_events',
  'sync_conflicts',
  'audit_entries',
  'playbook_grants',
] as const

type Footprint = Record<(typeof TABLES)[number], { rows: number; digest: string | null }>

/** Everything that is stored of a workspace but what devices say of themselves: equal before and after means no effect. */
export async function footprint(services: TestServices, workspaceId: string): Promise<Footprint> {
  const query = TABLES.map(
    (table) =>
      `SELECT '${table}' AS name, count(*)::int AS rows, md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest
       FROM ${table} t WHERE workspace_id = $1`,
  ).join(' UNION ALL ')
  const { rows } = await services.owner.pool.query<{ name: string; rows: number; digest: string | null }>(
    query,
    [workspaceId],
  )
  // Every name of the list comes back once.
  return Object.fromEntries(rows.map(({ name, ...found }) => [name, found])) as Footprint
}

/** How many rows each table has of a workspace. */
export async function rowCounts(
  services: TestServices,
  workspaceId: string,
): Promise<Record<keyof Footprint, number>> {
  const found = await footprint(services, workspaceId)
  return Object.fromEntries(Object.entries(found).map(([name, { rows }]) => [name, rows])) as Record<
    keyof Footprint,
    number
  >
}
