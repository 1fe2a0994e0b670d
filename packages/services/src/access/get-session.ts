import { CONTRACT_VERSION, RIGHTS, type Session, type SessionGrant, WorkspaceUid } from '@fieldsync/contracts'
import { can, type PlaybookGrant } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'
import { grantsOf } from '../sync/playbook-grants.ts'

/** Who is calling, and what it may do (OPS-20), in the playbooks too (GRA-15). */
export const getSession = verb(
  'read',
  async ({ ctx }: { ctx: ServiceContext; input: object }): Promise<Session> => {
    const { actor } = ctx
    const { workspaceUid, settings, ...workspace } = await ctx.runtime.db.prisma.workspace.findUniqueOrThrow({
      where: { workspaceId: actor.workspaceId },
      select: { workspaceUid: true, name: true, timeZone: true, settings: { select: { fourEyes: true } } },
    })
    const grants = await grantsOf(ctx.runtime.db.pool, actor.workspaceId, actor.deviceId)
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
      grants: grants.map(sessionGrant),
      fourEyes: settings?.fourEyes ?? false,
    }
  },
)

const sessionGrant = ({ actions, notBefore, expiresAt, ...grant }: PlaybookGrant): SessionGrant => ({
  ...grant,
  actions: [...actions],
  notBefore: notBefore?.toISOString() ?? null,
  expiresAt: expiresAt?.toISOString() ?? null,
})
