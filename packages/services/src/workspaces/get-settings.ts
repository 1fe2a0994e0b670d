import type { WorkspaceSettings } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'
import { countPreShared, readSettings } from './stored-settings.ts'

/** The settings of the caller's workspace, and how many devices still have a pre-shared token (WSP-1). */
export const getSettings = verb(
  'read',
  async ({ ctx }: { ctx: ServiceContext; input: object }): Promise<WorkspaceSettings> => {
    const { pool } = ctx.runtime.db
    const { workspaceId } = ctx.actor
    const [settings, preShared] = await Promise.all([
      readSettings(pool, workspaceId),
      countPreShared(pool, workspaceId),
    ])
    return { ...settings, preShared }
  },
)
