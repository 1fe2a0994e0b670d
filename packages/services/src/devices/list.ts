import {
  DEFAULT_PAGE_SIZE,
  type Device,
  type DeviceCredential,
  type DeviceRecord,
  type DevicesInput,
  type ReportedState,
  SILENT_AFTER_MS,
  type WipeState,
} from '@fieldsync/contracts'
import { Prisma, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor } from '../lists/keyset.ts'

type Row = Pick<DeviceRecord, 'deviceId' | 'role' | 'state' | 'openConflicts'> & {
  createdAt: Date
  revokedAt: Date | null
  lastSeenAt: Date | null
  fingerprint: string | null
  enrolledAt: Date | null
  confirmedAt: Date | null
  preShared: boolean
  metadata: string | null
  lag: bigint | null
  wipeRequestedAt: Date | null
  wipeAcknowledgedAt: Date | null
  wipeUnsentDeleted: number | null
  report: string | null
  reportedAt: Date | null
}

/** By what a device that is not revoked may call. */
const CREDENTIAL: Readonly<Record<DeviceCredential | 'any', Prisma.Sql>> = {
  any: Prisma.empty,
  preShared: Prisma.sql`AND token.pre_shared`,
  key: Prisma.sql`AND seen.revoked_at IS NULL AND EXISTS (
    SELECT FROM device_keys k WHERE k.workspace_id = head.workspace_id AND k.device_id = seen.device_id
      AND k.ended_at IS NULL AND k.confirmed_at IS NOT NULL)`,
  unconfirmed: Prisma.sql`AND key.thumbprint IS NOT NULL AND key.confirmed_at IS NULL AND seen.revoked_at IS NULL`,
}

/** Devices of the workspace by id, revoked ones too, as the server sees them (OPS-22). */
export const listDevices = verb(
  'read',
  async ({ ctx, input }: { ctx: ServiceContext; input: DevicesInput }): Promise<Page<DeviceRecord>> => {
    const { workspaceId } = ctx.actor
    const limit = input.limit ?? DEFAULT_PAGE_SIZE
    const after = afterOf(input.cursor)
    const inState = input.state === undefined ? Prisma.empty : Prisma.sql`AND seen.state = ${input.state}`
    const wiped = input.wipe === undefined ? Prisma.empty : WIPES[input.wipe]
    const page = Prisma.sql`
      SELECT seen.device_id AS "deviceId", seen.role, seen.state, seen.created_at AS "createdAt",
             seen.revoked_at AS "revokedAt", seen.last_seen_at AS "lastSeenAt", seen.metadata::text AS metadata,
             CASE WHEN seen.position IS NOT NULL THEN greatest(head.position - seen.position, 0) END AS lag,
             seen.open_conflicts AS "openConflicts",
             key.thumbprint AS fingerprint, key.created_at AS "enrolledAt", key.confirmed_at AS "confirmedAt",
             token.pre_shared AS "preShared",
             seen.wipe_requested_at AS "wipeRequestedAt", seen.wipe_acknowledged_at AS "wipeAcknowledgedAt",
             seen.wipe_unsent_deleted AS "wipeUnsentDeleted",
             seen.report::text AS report, seen.reported_at AS "reportedAt"
      FROM (${seenDevices(ctx)} AND d.device_id > ${after}) seen
      JOIN workspace_heads head ON head.workspace_id = ${workspaceId}
      CROSS JOIN LATERAL (
        SELECT seen.revoked_at IS NULL AND EXISTS (
          SELECT FROM device_tokens t
          WHERE t.workspace_id = ${workspaceId} AND t.device_id = seen.device_id AND t.revoked_at IS NULL
        ) AS pre_shared
      ) token
      LEFT JOIN LATERAL (
        -- The one that waits for an admin, where there is one beside the key that the device has.
        SELECT k.thumbprint, k.created_at, k.confirmed_at FROM device_keys k
        WHERE k.workspace_id = ${workspaceId} AND k.device_id = seen.device_id AND k.ended_at IS NULL
        ORDER BY k.confirmed_at IS NULL DESC LIMIT 1
      ) key ON true
      WHERE true ${inState} ${wiped} ${CREDENTIAL[input.credential ?? 'any']} ORDER BY seen.device_id LIMIT ${limit + 1}`
    const rows = await readCurrent(ctx.runtime.db, workspaceId, (source) => queryRows<Row>(source, page))
    const shown = rows.slice(0, limit)
    return {
      items: new JsonText(JSON.stringify(shown.map(deviceRecord))),
      nextCursor: rows.length > shown.length ? `d${shown.at(-1)?.deviceId ?? ''}` : null,
    }
  },
)

const WIPES: Readonly<Record<WipeState, Prisma.Sql>> = {
  pending: Prisma.sql`AND seen.wipe_requested_at IS NOT NULL AND seen.wipe_acknowledged_at IS NULL`,
  acknowledged: Prisma.sql`AND seen.wipe_acknowledged_at IS NOT NULL`,
}

function afterOf(cursor: string | undefined): string {
  if (cursor === undefined) return ''
  const after = /^d(dev_[a-z0-9_]+)$/.exec(cursor)?.[1]
  if (after === undefined) throw invalidCursor()
  return after
}

function deviceRecord({
  metadata,
  report,
  reportedAt,
  fingerprint,
  enrolledAt,
  confirmedAt,
  wipeRequestedAt,
  wipeAcknowledgedAt,
  wipeUnsentDeleted,
  ...row
}: Row): DeviceRecord {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    // Both were stored from parsed requests.
    device: metadata === null ? null : (JSON.parse(metadata) as Device),
    key:
      fingerprint === null || enrolledAt === null
        ? null
        : {
            fingerprint,
            enrolledAt: enrolledAt.toISOString(),
            confirmedAt: confirmedAt?.toISOString() ?? null,
          },
    wipe: wipeRequestedAt && {
      requestedAt: wipeRequestedAt.toISOString(),
      acknowledgedAt: wipeAcknowledgedAt?.toISOString() ?? null,
      unsentDeleted: wipeUnsentDeleted,
    },
    lag: row.lag === null ? null : Number(row.lag),
    report:
      report === null || reportedAt === null
        ? null
        : {
            ...reportedState(report),
            reportedAt: reportedAt.toISOString(),
          },
  }
}

/** A stored report as it is listed; the checkpoint in it is for the state of the audit. */
function reportedState(report: string): Omit<ReportedState, 'reportedAt'> {
  const { checkpoint: _, ...state } = JSON.parse(report) as Omit<ReportedState, 'reportedAt'> & {
    checkpoint?: string
  }
  return state
}

/** A device's conflicts in the work queue are counted no further. */
const COUNTED_CONFLICTS = 1000

/**
 * A query for a workspace's devices, each with its marks, its open conflicts and the state that follows from them
 * (OPS-30). Its cost follows the number of devices, not what they have stored.
 */
export function seenDevices({ actor, clock }: ServiceContext): Prisma.Sql {
  const silentBefore = new Date(clock.now().getTime() - SILENT_AFTER_MS)
  return Prisma.sql`
    SELECT d.device_id, d.role, d.created_at, d.revoked_at, d.wipe_requested_at, d.wipe_acknowledged_at,
           d.wipe_unsent_deleted, s.last_seen_at, s.metadata, s.position, s.report,
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
    WHERE d.workspace_id = ${actor.workspaceId} AND d.service_scope IS NULL AND d.person_id IS NULL`
}
