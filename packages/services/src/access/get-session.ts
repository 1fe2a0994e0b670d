import { CONTRACT_VERSION, RIGHTS, type Session, WorkspaceUid } from '@fieldsync/contracts'
import { can } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'

/** Who is calling, and what it may do (OPS-20). */
export const getSession = verb(
  'read',
  async ({ ctx }: { ctx: ServiceContext; input: object }): Promise<Session> => {
    const { actor } = ctx
    const { workspaceUid, settings, ...workspace } = await ctx.runtime.db.prisma.workspace.findUniqueOrThrow({
      where: { workspaceId: actor.workspaceId },
      select: { workspaceUid: true, name: true, timeZone: true, settings: { select: { fourEyes: true } } },
    })
    return {
      contractVersion: CONTRACT_VERSION,
      workspace: {
        workspaceId: actor.workspaceId,
        workspaceUid: WorkspaceUid.parse(workspaceUid),
        ...workspace,
      },
      deviceId: actor.deviceId,
      role: actor.role,
      rights: RIGHTS.filter((right) => can(actor, right)),
      fourEyes: settings?.fourEyes ?? false,
    }
  },
)
