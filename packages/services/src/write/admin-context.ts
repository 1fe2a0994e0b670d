import { DeviceId, type WorkspaceId } from '@fieldsync/contracts'
import { commitWrite, type Queryable, type WorkspaceWrite } from '@fieldsync/db'

import type { AdminContext, ServiceContext } from '../core/context.ts'
import type { Runtime } from '../core/runtime.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { type AuditRecord, baseWrite } from './base-write.ts'
import { type PersonalValue, PersonalValues } from './personal-values.ts'

const SYSTEM_DEVICE = DeviceId.parse('dev_system')

/** The system itself as the caller of a verb in one workspace, which exists. */
export const asSystem = (ctx: AdminContext, workspaceId: WorkspaceId): ServiceContext => ({
  ...ctx,
  actor: { kind: 'system', workspaceId, deviceId: SYSTEM_DEVICE, role: 'admin', epoch: 0 },
})

/**
 * The system itself as the caller of a verb in one workspace: for the operator, who may act in any.
 * @throws ServiceError NOT_FOUND for an unknown workspace, UNAVAILABLE
 */
export async function systemContext(ctx: AdminContext, workspaceId: WorkspaceId): Promise<ServiceContext> {
  await mapUnavailable(() => requireWorkspace(ctx.runtime, workspaceId))
  return asSystem(ctx, workspaceId)
}

/** Appends the audit row of an administrative change, in the change's own transaction; `rows` may add log entries. */
export async function commitAsSystem(
  connection: Queryable,
  ctx: AdminContext,
  workspaceId: WorkspaceId,
  record: Omit<AuditRecord, 'requestSha256' | 'outcome' | 'personal'> & {
    readonly personal?: readonly PersonalValue[]
  },
  rows: Partial<WorkspaceWrite> = {},
): Promise<void> {
  const personal = new PersonalValues(workspaceId, record.personal ?? [])
  const { outcome } = await commitWrite(connection, {
    ...baseWrite(asSystem(ctx, workspaceId), {
      ...record,
      requestSha256: null,
      outcome: { ok: true, code: null },
      personal: personal.commitments,
    }),
    ...rows,
  })
  if (outcome !== 'done') throw new Error(`an administrative write ended as ${outcome}`)
  await personal.store(connection)
}

/** @throws ServiceError NOT_FOUND */
export async function requireWorkspace({ db }: Runtime, workspaceId: WorkspaceId): Promise<void> {
  const found = await db.prisma.workspace.findUnique({
    where: { workspaceId },
    select: { workspaceId: true },
  })
  if (!found) throw new ServiceError('NOT_FOUND', `There is no workspace ${workspaceId}.`)
}
