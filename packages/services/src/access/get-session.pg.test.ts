import { CONTRACT_VERSION, Session } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { getSession } from './get-session.ts'

const services = await testServices()

const RIGHTS = {
  viewer: ['read', 'sync'],
  scout: ['read', 'sync', 'sync.push', 'observations.write'],
} as const

it.each(['viewer', 'scout'] as const)(
  '[OPS-20] a %s gets its workspace, itself and its rights',
  async (role) => {
    const workspace = await services.workspace()
    await services.owner.pool.query(
      `UPDATE workspaces SET name = 'Hill Farm', time_zone = 'Europe/Berlin' WHERE workspace_id = $1`,
      [workspace.workspaceId],
    )
    const device = await workspace.device(`dev_${role}`, role)
    const session = await getSession({ ctx: device.ctx(), input: {} })
    expect(Session.parse(session)).toEqual({
      contractVersion: CONTRACT_VERSION,
      workspace: {
        workspaceId: workspace.workspaceId,
        workspaceUid: expect.stringMatching(/^wsu_[0-9a-f]{32}$/),
        name: 'Hill Farm',
        timeZone: 'Europe/Berlin',
      },
      deviceId: `dev_${role}`,
      role,
      rights: RIGHTS[role],
      grants: [],
      fourEyes: false,
      weather: 'off',
    })
  },
)

it('[OPS-20] every workspace has a uid of its own, also where a server of the version before creates it', async () => {
  await Promise.all([services.workspace(), services.workspace()])
  await services.owner.pool.query(
    `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ('ws_before', 'Before', 'UTC', now())`,
  )
  const { rows } = await services.owner.pool.query<{ uid: string }>(
    'SELECT workspace_uid AS uid FROM workspaces',
  )
  expect(rows.length).toBeGreaterThanOrEqual(3)
  for (const { uid } of rows) expect(uid).toMatch(/^wsu_[0-9a-f]{32}$/)
  expect(new Set(rows.map(({ uid }) => uid)).size).toBe(rows.length)
})
