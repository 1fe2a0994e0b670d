import { WorkspaceId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { groupsOf, rolesOfGroups } from './provider-config.ts'

const [ridge, hill] = ['ws_ridge', 'ws_hill'].map((id) => WorkspaceId.parse(id)) as [WorkspaceId, WorkspaceId]
const MAPPING = [
  { workspaceId: ridge, group: 'all', role: 'viewer' },
  { workspaceId: ridge, group: 'vineyard-admins', role: 'admin' },
  { workspaceId: hill, group: 'agronomists', role: 'agronomist' },
] as const

it('[PEO-18] the most that any group allows, in each workspace that the mapping names, and null for none', () => {
  const roles = (groups: string[]) =>
    rolesOfGroups(MAPPING, groups).map(({ workspaceId, role }) => `${workspaceId} ${role}`)
  expect(roles(['vineyard-admins', 'all'])).toEqual(['ws_ridge admin', 'ws_hill null'])
  expect(roles(['all', 'agronomists'])).toEqual(['ws_ridge viewer', 'ws_hill agronomist'])
  expect(roles(['Vineyard-Admins', 'vineyard-admin', ''])).toEqual(['ws_ridge null', 'ws_hill null'])
})

it('[PEO-18] a claim that lists no groups gives none', () => {
  expect([undefined, null, 7, {}, [1, null, 'all'], 'all'].map((claim) => groupsOf(claim))).toEqual([
    [],
    [],
    [],
    [],
    ['all'],
    ['all'],
  ])
})
