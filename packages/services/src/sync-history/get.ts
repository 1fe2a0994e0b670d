import type { DeviceId, SyncBatchResponse, SyncDetail, SyncId, ReportedConflict } from '@fieldsync/contracts'
import { Prisma, type Queryable, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { type SyncRow, syncSummary } from '../write/sync-summary.ts'

type Input = { deviceId: DeviceId; syncId: SyncId }

/** One stored batch, with each conflict and what went down (OPS-26). @throws ServiceError NOT_FOUND */
export const getSync = verb(
  'read',
  async ({ ctx, input }: { ctx: ServiceContext; input: Input }): Promise<JsonText<SyncDetail>> => {
    const { workspaceId } = ctx.actor
    return await readCurrent(ctx.runtime.db, workspaceId, (source) =>
      readSync({ source, workspaceId }, input),
    )
  },
)

/** Where it is read from. */
type Read = { readonly source: Queryable; readonly workspaceId: string }

async function readSync(read: Read, { deviceId, syncId }: Input): Promise<JsonText<SyncDetail>> {
  const [row] = await queryRows<SyncRow & { response: string }>(
    read.source,
    Prisma.sql`
      SELECT device_id AS "deviceId", sync_id AS "syncId", received_at AS "receivedAt", counts, response,
             octet_length(response) AS "answerBytes"
      FROM sync_events
      WHERE sync_id = ${syncId} AND device_id = ${deviceId} AND workspace_id = ${read.workspaceId}
        AND operation = 'sync.batch'`,
  )
  if (!row) throw notFound('stored batch', `${syncId} of ${deviceId}`)
  // The text was written by this server as the answer of this batch; of one that was dropped nothing is left (ERA-2).
  const { conflicts, downstream } =
    row.response === '' ? DROPPED : (JSON.parse(row.response) as SyncBatchResponse)
  const detail: SyncDetail = {
    ...syncSummary(row),
    toldConflicts: await toldConflicts(read, conflicts),
    downstream: {
      observationIds: downstream.observations.map(({ observationId }) => observationId),
      recommendationIds: downstream.recommendations.map(({ recommendationId }) => recommendationId),
      playbooks: (downstream.playbooks ?? []).map(({ playbookId, version }) => ({ playbookId, version })),
      deleted: downstream.deleted ?? [],
      hasMore: downstream.hasMore,
    },
  }
  return new JsonText(JSON.stringify(detail))
}

const DROPPED: Pick<SyncBatchResponse, 'conflicts'> & {
  downstream: Pick<
    SyncBatchResponse['downstream'],
    'observations' | 'recommendations' | 'hasMore' | 'playbooks' | 'deleted'
  >
} = { conflicts: [], downstream: { observations: [], recommendations: [], hasMore: false } }

type QueueRow = { conflictId: string; resolvedAt: Date | null; resolvedAs: ReportedConflict['resolvedAs'] }

/** Each conflict as it was sent, and whether the work queue still has it open. */
async function toldConflicts(
  { source, workspaceId }: Read,
  conflicts: SyncBatchResponse['conflicts'],
): Promise<ReportedConflict[]> {
  if (conflicts.length === 0) return []
  const ids = conflicts.map(({ conflictId }) => conflictId)
  const rows = await queryRows<QueueRow>(
    source,
    Prisma.sql`
      SELECT conflict_id AS "conflictId", resolved_at AS "resolvedAt", resolved_as AS "resolvedAs" FROM sync_conflicts
      WHERE conflict_id = ANY (${ids}) AND workspace_id || '' = ${workspaceId}`,
  )
  const queue = new Map(rows.map((row) => [row.conflictId, row]))
  return conflicts.map(({ conflictId, entityType, entityId, code, resolution, message, issues }) => {
    const filed = queue.get(conflictId)
    return {
      conflictId,
      entityType,
      entityId,
      code,
      resolution,
      message,
      ...(issues && { issues }),
      open: filed !== undefined && filed.resolvedAt === null,
      resolvedAt: filed?.resolvedAt?.toISOString() ?? null,
      resolvedAs: filed?.resolvedAs ?? null,
    }
  })
}
