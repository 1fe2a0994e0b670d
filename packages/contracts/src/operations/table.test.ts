import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { SILENT_AFTER_MS } from './devices.ts'
import type { Operation } from './operation.ts'
import { SUBSCRIPTIONS } from './subscriptions.ts'
import { OPERATIONS } from './table.ts'

// The operations of the protocol, written a second time, so that neither changes without the other.
const EXPECTED = {
  health: ['GET /v1/health', 'getHealth', 200, 'none'],
  'sync.batch': ['POST /v1/sync/batch', 'syncBatch', 200, 'sync'],
  'observations.create': ['POST /v1/observations', 'createObservation', 201, 'observations.write'],
  'observations.list': ['GET /v1/observations', 'listObservations', 200, 'read'],
  'observations.get': ['GET /v1/observations/:observationId', 'getObservation', 200, 'read'],
  'observations.corrections': [
    'GET /v1/observations/:observationId/corrections',
    'listCorrections',
    200,
    'read',
  ],
  'recommendations.list': ['GET /v1/recommendations', 'listRecommendations', 200, 'read'],
  'recommendations.get': ['GET /v1/recommendations/:recommendationId', 'getRecommendation', 200, 'read'],
  'recommendations.generate': [
    'POST /v1/recommendations:generate',
    'generateRecommendation',
    201,
    'observations.write',
  ],
  'playbooks.list': ['GET /v1/playbooks', 'listPlaybooks', 200, 'read'],
  'playbooks.get': ['GET /v1/playbooks/:playbookId', 'getPlaybook', 200, 'read'],
  'playbooks.applyPatch': [
    'POST /v1/playbooks/:playbookId/patches:apply',
    'applyPlaybookPatch',
    200,
    'playbooks.patch',
  ],
  'playbooks.create': ['POST /v1/playbooks', 'createPlaybook', 201, 'playbooks.publish'],
  'playbooks.publish': [
    'POST /v1/playbooks/:playbookId/versions',
    'publishPlaybookVersion',
    201,
    'playbooks.publish',
  ],
  'playbooks.rollBack': [
    'POST /v1/playbooks/:playbookId/versions:rollback',
    'rollBackPlaybook',
    201,
    'playbooks.publish',
  ],
  'playbooks.retire': ['POST /v1/playbooks/:playbookId:retire', 'retirePlaybook', 200, 'playbooks.publish'],
  'proposals.list': ['GET /v1/proposals', 'listProposals', 200, 'read'],
  'proposals.get': ['GET /v1/proposals/:proposalId', 'getProposal', 200, 'read'],
  'proposals.approve': ['POST /v1/proposals/:proposalId:approve', 'approveProposal', 200, 'playbooks.patch'],
  'proposals.reject': ['POST /v1/proposals/:proposalId:reject', 'rejectProposal', 200, 'playbooks.patch'],
  'proposals.withdraw': [
    'POST /v1/proposals/:proposalId:withdraw',
    'withdrawProposal',
    200,
    'playbooks.patch',
  ],
  'patches.get': ['GET /v1/patches/:patchId', 'getPatch', 200, 'read'],
  'weather.live': ['GET /v1/weather/live', 'getLiveWeather', 200, 'read'],
  'weather.get': ['GET /v1/weather/:weatherFeaturesId', 'getWeather', 200, 'read'],
  'audit.list': ['GET /v1/audit', 'listAudit', 200, 'audit.read'],
  'observations.erase': ['POST /v1/observations:erase', 'eraseObservations', 200, 'admin'],
  'audit.state': ['GET /v1/audit/state', 'getAuditState', 200, 'audit.read'],
  'audit.acknowledgeLoss': ['POST /v1/audit:acknowledgeLoss', 'acknowledgeLoss', 200, 'admin'],
  'playbooks.versions': ['GET /v1/playbooks/:playbookId/versions', 'listPlaybookVersions', 200, 'read'],
  'session.get': ['GET /v1/session', 'getSession', 200, 'read'],
  'overview.get': ['GET /v1/overview', 'getOverview', 200, 'read'],
  'devices.list': ['GET /v1/devices', 'listDevices', 200, 'read'],
  'devices.create': ['POST /v1/devices', 'createDevice', 201, 'admin'],
  'devices.revoke': ['POST /v1/devices/:deviceId:revoke', 'revokeDevice', 200, 'admin'],
  'devices.readmit': ['POST /v1/devices/:deviceId:readmit', 'readmitDevice', 200, 'admin'],
  'devices.setRole': ['POST /v1/devices/:deviceId:setRole', 'setDeviceRole', 200, 'admin'],
  'devices.openEnrollment': ['POST /v1/devices/enrollments', 'openEnrollment', 201, 'admin'],
  'devices.enroll': ['POST /v1/devices/enroll', 'enrollDevice', 200, 'none'],
  'devices.upgrade': ['POST /v1/devices:upgrade', 'upgradeDevice', 200, 'read'],
  'devices.rotateKey': ['POST /v1/devices/:deviceId:rotateKey', 'rotateKey', 200, 'read'],
  'devices.confirmKey': ['POST /v1/devices/:deviceId:confirmKey', 'confirmKey', 200, 'admin'],
  'devices.reissueToken': ['POST /v1/devices/:deviceId:reissueToken', 'reissueToken', 200, 'admin'],
  'workspace.settings': ['GET /v1/workspace/settings', 'getSettings', 200, 'read'],
  'workspace.changeSettings': ['POST /v1/workspace/settings:change', 'changeSettings', 200, 'admin'],
  'devices.wipe': ['POST /v1/devices/:deviceId:wipe', 'wipeDevice', 200, 'admin'],
  'devices.acknowledgeWipe': ['POST /v1/devices/:deviceId:acknowledgeWipe', 'acknowledgeWipe', 200, 'none'],
  'security.list': ['GET /v1/security/events', 'listSecurityEvents', 200, 'admin'],
  'services.list': ['GET /v1/services', 'listServices', 200, 'admin'],
  'services.create': ['POST /v1/services', 'createService', 201, 'admin'],
  'services.rotate': ['POST /v1/services/:serviceId:rotate', 'rotateService', 200, 'admin'],
  'services.grant': ['POST /v1/services/:serviceId:grant', 'grantService', 200, 'admin'],
  'services.revoke': ['POST /v1/services/:serviceId:revoke', 'revokeService', 200, 'admin'],
  'people.list': ['GET /v1/people', 'listPeople', 200, 'admin'],
  'people.invitations': ['GET /v1/people/invitations', 'listInvitations', 200, 'admin'],
  'people.invite': ['POST /v1/people/invitations', 'invitePerson', 201, 'admin'],
  'people.withdrawInvitation': [
    'POST /v1/people/invitations/:invitationId:withdraw',
    'withdrawInvitation',
    200,
    'admin',
  ],
  'people.setRole': ['POST /v1/people/:personId:setRole', 'setPersonRole', 200, 'admin'],
  'people.endAccess': ['POST /v1/people/:personId:endAccess', 'endAccess', 200, 'admin'],
  'people.resetLink': ['POST /v1/people/:personId:resetLink', 'createResetLink', 200, 'admin'],
  'grants.list': ['GET /v1/grants', 'listGrants', 200, 'read'],
  'grants.create': ['POST /v1/grants', 'createGrant', 201, 'admin'],
  'grants.revoke': ['POST /v1/grants/:grantId:revoke', 'revokeGrant', 200, 'playbooks.patch'],
  'syncs.list': ['GET /v1/syncs', 'listSyncs', 200, 'read'],
  'syncs.get': ['GET /v1/syncs/:deviceId/:syncId', 'getSync', 200, 'read'],
}

describe('operation table', () => {
  it('[OPS-2] has every operation with its route, operationId, status and right', () => {
    const actual = Object.entries(OPERATIONS).map(([name, operation]) => [
      name,
      [`${operation.method} ${operation.path}`, operation.operationId, operation.status, operation.right],
    ])
    expect(Object.fromEntries(actual)).toEqual(EXPECTED)
  })

  it('[OPS-33] has a second path for the one operation that the original contract had elsewhere', () => {
    const aliases = Object.values<Operation>(OPERATIONS).flatMap(({ alias }) => alias ?? [])
    expect(aliases).toEqual(['/v1/playbooks/:playbookId/patches'])
  })

  it('[HDR-5] says of every operation whose answer can hold a secret that it does', () => {
    const named = Object.entries<Operation>(OPERATIONS).filter(([, { output }]) =>
      /"(?:link|(?!deviceTokens)[^"]*(?:token|secret|password|credential)[^"]*)":\{/i.test(
        JSON.stringify(z.toJSONSchema(output, { io: 'output' })),
      ),
    )
    const marked = Object.entries<Operation>(OPERATIONS).filter(([, { hasSecret }]) => hasSecret)
    expect(named.map(([name]) => name)).toEqual(marked.map(([name]) => name))
    expect(marked.map(([name]) => name)).toContain('devices.create')
  })

  it('[OPS-2] every path parameter is a required field of the input', () => {
    for (const { path, input } of Object.values(OPERATIONS)) {
      const parameters = [...path.matchAll(/\/:(\w+)/g)].map(([, name]) => name ?? '')
      for (const parameter of parameters) {
        expect(Object.keys(input.shape)).toContain(parameter)
        expect(input.safeParse({}).error?.issues.map((issue) => issue.path.join('.'))).toContain(parameter)
      }
    }
  })

  it.each(Object.entries(OPERATIONS))('[SHP-1] the input of %s is strict', (_, { input }) => {
    expect(input.safeParse({ color: 'red' }).error?.issues).toContainEqual(
      expect.objectContaining({ code: 'unrecognized_keys', keys: ['color'] }),
    )
  })

  it('[OPS-17] lists take a limit of 1 to 500', () => {
    const lists = Object.values(OPERATIONS).filter(({ list }) => list)
    expect(lists).toHaveLength(14)
    for (const { input } of lists) {
      const ids = { observationId: 'obs_20260211_0001', playbookId: 'pbk_yolo_grape' }
      const required = Object.fromEntries(Object.entries(ids).filter(([name]) => name in input.shape))
      const accepts = (limit: unknown) => input.safeParse({ ...required, limit }).success
      expect([1, 500].filter((limit) => !accepts(limit))).toEqual([])
      expect([0, 501, 1.5, '5', -1, null].filter(accepts)).toEqual([])
    }
  })

  it('[OPS-2] says in words what each operation does, and what a field means where its name does not say it', () => {
    const named = { ...OPERATIONS, ...SUBSCRIPTIONS }
    for (const [name, { summary }] of Object.entries(named))
      expect(summary, name).toMatch(/^[A-Z].{10,}[^.]$/)
    const descriptions = Object.values(OPERATIONS).flatMap(({ input, output }) => [
      ...descriptionsIn(z.toJSONSchema(input, { io: 'input' })),
      ...descriptionsIn(z.toJSONSchema(output, { io: 'output' })),
    ])
    expect(descriptions.filter((text) => text.length < 10)).toEqual([])
  })

  it('[OPS-30] a device is silent after a day', () => {
    expect(SILENT_AFTER_MS).toBe(86_400_000)
  })

  it('[AUD-11] the audit can be followed from an entry id', () => {
    const { input } = OPERATIONS['audit.list']
    expect(
      ['0', '12', '12.0', '999999999999999.999999'].filter((after) => !input.safeParse({ after }).success),
    ).toEqual([])
    expect(
      ['', '12.', '.0', '-1', '1e3', '1.0.0', ' 1'].filter((after) => input.safeParse({ after }).success),
    ).toEqual([])
  })
})

/** Every text of a JSON Schema that explains something. */
function descriptionsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'description' && typeof value === 'string' ? [value] : descriptionsIn(value),
  )
}
