import { Session } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { getSession } from './get-session.ts'

const services = await testServices()

const RIGHTS = {
  viewer: ['read', 'sync'],
  scout: ['read', 'sync', 'sync.push', 'observations.write'],
} as const

it.each(['viewer', 'scout'] as const)(
  '[OPS-20] a %s is told its workspace, itself and its rights',
  async (role) => {
    const workspace = await services.workspace()
    await services.owner.pool.query(
      `UPDATE workspaces SET name = 'Hill Farm', time_zone = 'Europe/Berlin' WHERE workspace_id = $1`,
      [workspace.workspaceId],
    )
    const device = await workspace.device(`dev_${role}`, role)
    const session = await getSession({ ctx: device.ctx(), input: {} })
    expect(Session.parse(session)).toEqual({
      workspace: { workspaceId: workspace.workspaceId, name: 'Hill Farm', timeZone: 'Europe/Berlin' },
      deviceId: `dev_${role}`,
      role,
      rights: RIGHTS[role],
    })
  },
)
