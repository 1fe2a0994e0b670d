import {
  CONTRACT_VERSION,
  RIGHTS,
  type Session,
  type WeatherSetting,
  WorkspaceUid,
} from '@fieldsync/contracts'
import { can, sessionGrant } from '@fieldsync/domain'

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
      select: {
        workspaceUid: true,
        name: true,
        timeZone: true,
        settings: { select: { fourEyes: true, weather: true } },
      },
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
      weather: expectedWeather(settings?.weather, ctx.runtime.weather !== undefined),
    }
  },
)

/** What weather a caller may expect (WSP-7). */
function expectedWeather(setting: string | undefined, hasService: boolean): WeatherSetting {
  if (setting === 'demo') return 'demo'
  return setting !== 'off' && hasService ? 'live' : 'off'
}
