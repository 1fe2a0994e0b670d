import { DeviceId, type WorkspaceId } from '@fieldsync/contracts'
import { commitWrite, type Database, type Queryable, type WorkspaceWrite } from '@fieldsync/db'

import type { Clock, RequestInfo, ServiceContext } from '../core/context.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { type AuditRecord, auditText } from './audit-body.ts'
import { baseWrite } from './base-write.ts'

/** For verbs that the operator runs on the server itself, by the command line or at start: the system acts. */
export type AdminContext = {
  db: Database
  clock: Clock
  /** Keyed-hash secret of device tokens, kept outside the database. */
  pepper: Buffer
  request: RequestInfo
}

/** What a verb needs that makes credentials. */
export type IssuingContext = ServiceContext & { pepper: Buffer }

const SYSTEM_DEVICE = DeviceId.parse('dev_system')

/** The system itself as the caller of a verb in one workspace, which exists. */
export const asSystem = (ctx: AdminContext, workspaceId: WorkspaceId): IssuingContext => ({
  ...ctx,
  actor: { kind: 'system', workspaceId, deviceId: SYSTEM_DEVICE, role: 'admin', epoch: 0 },
})

/**
 * The system itself as the caller of a verb in one workspace: for the operator, who may act in any.
 * @throws ServiceError NOT_FOUND for an unknown workspace, UNAVAILABLE
 */
export async function systemContext(ctx: AdminContext, workspaceId: WorkspaceId): Promise<IssuingContext> {
  await mapUnavailable(() => requireWorkspace(ctx.db, workspaceId))
  return asSystem(ctx, workspaceId)
}

/** Appends the audit row of an administrative change, in the change's own transaction; `rows` may add log entries. */
export async function commitAsSystem(
  connection: Queryable,
  ctx: AdminContext,
  workspaceId: WorkspaceId,
  record: Omit<AuditRecord, 'requestSha256' | 'outcome'>,
  rows: Partial<WorkspaceWrite> = {},
): Promise<void> {
  const actor = { kind: 'system', workspaceId, deviceId: SYSTEM_DEVICE, role: 'admin' } as const
  const audit = auditText(actor, ctx.request, {
    ...record,
    requestSha256: null,
    outcome: { ok: true, code: null },
  })
  const { outcome } = await commitWrite(connection, {
    ...baseWrite({
      workspaceId,
      deviceId: SYSTEM_DEVICE,
      epoch: null,
      operation: record.action,
      now: record.at,
      ...audit,
    }),
    ...rows,
  })
  if (outcome !== 'done') throw new Error(`an administrative write ended as ${outcome}`)
}

/** @throws ServiceError NOT_FOUND */
export async function requireWorkspace(db: Database, workspaceId: WorkspaceId): Promise<void> {
  const found = await db.prisma.workspace.findUnique({
    where: { workspaceId },
    select: { workspaceId: true },
  })
  if (!found) throw new ServiceError('NOT_FOUND', `There is no workspace ${workspaceId}.`)
}
