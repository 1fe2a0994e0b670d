import { SILENT_AFTER_MS } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'

/** A device's conflicts in the work queue are counted no further. */
const COUNTED_CONFLICTS = 1000

/**
 * A query for a workspace's devices, each with its marks, its open conflicts and the state that follows from them
 * (OPS-30). Its cost follows the number of devices, not what they have stored.
 */
export function seenDevices({ actor, clock }: ServiceContext): Prisma.Sql {
  const silentBefore = new Date(clock.now().getTime() - SILENT_AFTER_MS)
  return Prisma.sql`
    SELECT d.device_id, d.role, d.created_at, d.revoked_at, s.last_seen_at, s.metadata, s.position, s.report,
           s.reported_at, open.conflicts AS open_conflicts,
           CASE WHEN d.revoked_at IS NOT NULL THEN 'revoked'
                WHEN s.last_seen_at IS NULL THEN 'never'
                WHEN s.last_seen_at < ${silentBefore} THEN 'silent'
                WHEN open.conflicts > 0 OR (s.report->>'conflicts')::bigint > 0
                  OR (s.report->>'quarantined')::bigint > 0 THEN 'conflicts'
                ELSE 'active' END AS state
    FROM devices d
    LEFT JOIN device_states s ON s.workspace_id = d.workspace_id AND s.device_id = d.device_id
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS conflicts FROM (
        SELECT FROM sync_conflicts c
        WHERE c.workspace_id = d.workspace_id AND c.device_id = d.device_id AND c.resolved_at IS NULL
        LIMIT ${COUNTED_CONFLICTS}
      ) counted
    ) open
    WHERE d.workspace_id = ${actor.workspaceId}`
}
