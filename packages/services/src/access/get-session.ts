import { RIGHTS, type Session } from '@fieldsync/contracts'
import { can } from '@fieldsync/domain'

import type { ServiceContext } from '../verb/context.ts'
import { verb } from '../verb/verb.ts'

/** Who is calling, and what it may do (OPS-20). */
export const getSession = verb(
  'read',
  async ({ ctx }: { ctx: ServiceContext; input: object }): Promise<Session> => {
    const { actor } = ctx
    const workspace = await ctx.db.prisma.workspace.findUniqueOrThrow({
      where: { workspaceId: actor.workspaceId },
      select: { name: true, timeZone: true },
    })
    return {
      workspace: { workspaceId: actor.workspaceId, ...workspace },
      deviceId: actor.deviceId,
      role: actor.role,
      rights: RIGHTS.filter((right) => can(actor, right)),
    }
  },
)
