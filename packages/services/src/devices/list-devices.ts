import type { WorkspaceId } from '@fieldsync/contracts'

import { mapUnavailable } from '../core/verb.ts'
import { type AdminContext, requireWorkspace } from '../write/admin-context.ts'

export type DeviceInfo = {
  deviceId: string
  role: string
  createdAt: Date
  revokedAt: Date | null
  lastSeenAt: Date | null
}

/** Every device of a workspace, by id, revoked ones too. @throws ServiceError NOT_FOUND */
export async function listDevices(args: {
  ctx: AdminContext
  input: { workspaceId: WorkspaceId }
}): Promise<DeviceInfo[]> {
  const { ctx, input } = args
  return await mapUnavailable(async () => {
    await requireWorkspace(ctx.db, input.workspaceId)
    const rows = await ctx.db.prisma.device.findMany({
      where: { workspaceId: input.workspaceId },
      orderBy: { deviceId: 'asc' },
      select: {
        deviceId: true,
        role: true,
        createdAt: true,
        revokedAt: true,
        state: { select: { lastSeenAt: true } },
      },
    })
    return rows.map(({ state, ...device }) => ({ ...device, lastSeenAt: state?.lastSeenAt ?? null }))
  })
}
