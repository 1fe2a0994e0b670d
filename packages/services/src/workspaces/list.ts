import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import type { WorkspaceInfo } from './create.ts'

/** Every workspace, by id, with the number of devices that may call. */
export async function listWorkspaces(args: {
  ctx: AdminContext
}): Promise<(WorkspaceInfo & { devices: number })[]> {
  const rows = await mapUnavailable(() =>
    args.ctx.runtime.db.prisma.workspace.findMany({
      orderBy: { workspaceId: 'asc' },
      include: {
        _count: { select: { devices: { where: { revokedAt: null, serviceScope: null, personId: null } } } },
      },
    }),
  )
  return rows.map(({ _count, ...workspace }) => ({ ...workspace, devices: _count.devices }))
}
