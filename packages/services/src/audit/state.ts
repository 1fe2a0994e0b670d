import { type AuditState, DeviceId } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { notFound } from '../core/service-error.ts'
import { mapUnavailable, verb } from '../core/verb.ts'
import { contradictionsOf, unacknowledged } from './contradictions.ts'
import { reportedCheckpoints } from './reported-checkpoints.ts'

const END = `SELECT h.audit_seq AS seq, h.audit_hash AS hash, e.at
  FROM workspace_heads h LEFT JOIN audit_entries e ON e.workspace_id = h.workspace_id AND e.seq = $2
  WHERE h.workspace_id = $1`

/** The audit chain of a workspace: its end, its newest checkpoint, and what devices witness of it (AUD-33). */
export const getAuditState = verb(
  'audit.read',
  async ({ ctx }: { ctx: ServiceContext; input: object }): Promise<AuditState> => {
    const { workspaceId } = ctx.actor
    const { checkpoints, db } = ctx.runtime
    const newest = checkpoints?.newest(workspaceId)
    const { rows } = await mapUnavailable(() =>
      db.pool.query<{ seq: string; hash: string; at: Date | null }>(END, [workspaceId, newest?.seq ?? 0]),
    )
    const [end] = rows
    if (!end) throw notFound('head row of the workspace', workspaceId)
    const reported = await reportedCheckpoints(ctx, workspaceId, checkpoints?.verifierKeys ?? [])
    const known = reported.flatMap(({ checkpoint }) => checkpoint ?? [])
    const contradictions = await contradictionsOf(ctx, workspaceId, known)
    const open = new Map(
      (await unacknowledged(ctx, workspaceId, contradictions)).map(({ checkpoint, kind }) => [
        named(checkpoint),
        kind,
      ]),
    )
    const lost = new Set(contradictions.map(({ checkpoint }) => named(checkpoint)))
    const round = checkpoints?.round
    return {
      seq: Number(end.seq),
      hash: end.hash,
      checkpoint: newest ? { seq: newest.seq, at: end.at?.toISOString() ?? null } : null,
      stores: round?.stores.map(({ kind, failing }) => ({ kind, failing })) ?? [],
      problem: round?.problems.get(workspaceId) ?? null,
      witnesses: reported.map(({ deviceId, seq, reportedAt, checkpoint }) => ({
        deviceId: DeviceId.parse(deviceId),
        seq,
        reportedAt: reportedAt.toISOString(),
        state: checkpoint
          ? (open.get(named(checkpoint)) ?? (lost.has(named(checkpoint)) ? 'lost' : 'agrees'))
          : 'unknown',
      })),
    }
  },
)

const named = ({ seq, hash }: { seq: number; hash: string }): string => `${seq} ${hash}`
