import { ErrorEnvelope, OPERATIONS, type OperationName } from '@fieldsync/contracts'
import {
  callOperation,
  device,
  TRANSPORTS,
  observation,
  playbook,
  playbookPatch,
  pullPage,
  type RestAnswer,
  syncBatch,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { contactRecorded } from './testing/contact-recorded.ts'
import { sharedSystem } from './testing/shared-system.ts'
import { tableContents } from './testing/table-contents.ts'

// Refused credentials are limited by address at each server, to fewer than two rounds of all operations: one for each test.
const system = await sharedSystem(8)
const serverAt = (index: number) => system.servers[index] ?? system.servers[0]
const workspaceId = await system.workspace()

const NO_KEY = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'B'.repeat(43) }

/** A valid input for each operation, for a device that would be authenticated. */
const INPUTS: Readonly<Record<OperationName, (deviceId: string) => Record<string, unknown>>> = {
  health: () => ({}),
  'sync.batch': (deviceId) =>
    syncBatch({ device: device({ deviceId }), observations: [observation({ deviceId })] }),
  'observations.create': (deviceId) => observation({ deviceId }),
  'observations.list': () => ({}),
  'observations.get': () => ({ observationId: 'obs_20260211_0001' }),
  'observations.corrections': () => ({ observationId: 'obs_20260211_0001' }),
  'recommendations.list': () => ({}),
  'recommendations.get': () => ({ recommendationId: 'rec_20260211_0001' }),
  'playbooks.list': () => ({}),
  'playbooks.get': () => ({ playbookId: 'pbk_yolo_grape' }),
  'playbooks.applyPatch': (deviceId) => playbookPatch({ requestedByDeviceId: deviceId }),
  'playbooks.create': () => ({ document: playbook({ playbookId: 'pbk_made' }), reason: 'Made' }),
  'playbooks.publish': () => ({
    playbookId: 'pbk_yolo_grape',
    baseVersion: 3,
    document: playbook(),
    reason: 'As agreed',
  }),
  'playbooks.rollBack': () => ({
    playbookId: 'pbk_yolo_grape',
    baseVersion: 3,
    toVersion: 1,
    reason: 'As agreed',
  }),
  'playbooks.retire': () => ({ playbookId: 'pbk_yolo_grape', baseVersion: 3, reason: 'As agreed' }),
  'proposals.list': () => ({}),
  'proposals.get': () => ({ proposalId: 'prp_1' }),
  'proposals.approve': () => ({ proposalId: 'prp_1' }),
  'proposals.reject': () => ({ proposalId: 'prp_1', reason: 'Not now' }),
  'proposals.withdraw': () => ({ proposalId: 'prp_1' }),
  'patches.get': () => ({ patchId: 'pch_20260211_0001' }),
  'weather.live': () => ({ lat: 38.5, lon: -121.7 }),
  'weather.get': () => ({ weatherFeaturesId: 'wxf_20260211_demo_01' }),
  'audit.list': () => ({}),
  'recommendations.generate': () => ({ observationId: 'obs_20260211_0009' }),
  'observations.erase': () => ({ observationIds: ['obs_20260211_0009'], reason: 'Asked for' }),
  'audit.state': () => ({}),
  'audit.acknowledgeLoss': () => ({ reason: 'Restored' }),
  'playbooks.versions': () => ({ playbookId: 'pbk_yolo_grape' }),
  'session.get': () => ({}),
  'overview.get': () => ({}),
  'devices.list': () => ({}),
  'devices.create': () => ({ deviceId: 'dev_made', role: 'scout' }),
  'devices.revoke': (deviceId) => ({ deviceId }),
  'devices.readmit': (deviceId) => ({ deviceId }),
  'devices.setRole': (deviceId) => ({ deviceId, role: 'scout' }),
  'devices.reissueToken': (deviceId) => ({ deviceId }),
  'devices.openEnrollment': (deviceId) => ({ deviceId }),
  'devices.enroll': () => ({ code: 'none', publicKeyJwk: NO_KEY }),
  'devices.upgrade': () => ({ publicKeyJwk: NO_KEY }),
  'devices.rotateKey': (deviceId) => ({ deviceId, publicKeyJwk: NO_KEY, proof: 'none' }),
  'devices.confirmKey': (deviceId) => ({ deviceId, keyFingerprint: NO_KEY.x }),
  'workspace.settings': () => ({}),
  'workspace.changeSettings': () => ({ baseVersion: 0, confirmKeys: true }),
  'devices.wipe': (deviceId) => ({ deviceId }),
  'devices.acknowledgeWipe': (deviceId) => ({ deviceId, unsentDeleted: 0 }),
  'security.list': () => ({}),
  'services.list': () => ({}),
  'services.create': () => ({ serviceId: 'dev_svc_made', scopes: ['sync'] }),
  'services.rotate': () => ({ serviceId: 'dev_svc_made' }),
  'services.grant': () => ({ serviceId: 'dev_svc_made', scopes: ['read'] }),
  'services.revoke': () => ({ serviceId: 'dev_svc_made' }),
  'people.list': () => ({}),
  'people.invitations': () => ({}),
  'people.invite': () => ({ email: 'rosa@example.com', role: 'viewer' }),
  'people.withdrawInvitation': () => ({ invitationId: 'inv_01kh7xq4tne5gz3v8w2m6ryb9c' }),
  'people.setRole': () => ({ personId: 'usr_01kh7xq4tne5gz3v8w2m6ryb9c', role: 'viewer' }),
  'people.endAccess': () => ({ personId: 'usr_01kh7xq4tne5gz3v8w2m6ryb9c' }),
  'people.resetLink': () => ({ personId: 'usr_01kh7xq4tne5gz3v8w2m6ryb9c' }),
  'grants.list': () => ({}),
  'grants.create': (deviceId) => ({ deviceId, path: '', actions: ['edit'] }),
  'grants.revoke': () => ({ grantId: `grt_${'0'.repeat(32)}` }),
  'syncs.list': () => ({}),
  'syncs.get': (deviceId) => ({ deviceId, syncId: 'sync_none' }),
}
const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]
/** Enrolling needs a proof of the key that it brings instead. */
const NEEDS_NONE: ReadonlySet<OperationName> = new Set(['health'])
const NO_PROOF = { code: 'AUTH_REQUIRED', details: { reason: 'proof_invalid', action: 'new_proof' } }

function errorOf({ text }: RestAnswer, transport: (typeof TRANSPORTS)[number]): ErrorEnvelope['error'] {
  const body = JSON.parse(text) as { error?: { data?: { envelope?: unknown } } }
  return ErrorEnvelope.parse(transport === 'rest' ? body : body.error?.data?.envelope).error
}

describe('the credential of an admin', async () => {
  const deviceId = 'dev_admin'
  const caller = await system.device(workspaceId, deviceId, 'admin')
  // Each server has authenticated the device before: none may rely on its cache.
  const servers = [0, 1, 2, 3].map(serverAt)
  for (const { url } of servers) await pullPage({ ...caller, url })
  await contactRecorded(system, workspaceId, deviceId)
  await system.revoke(workspaceId, deviceId)
  const before = await tableContents(system.superuser, { workspaceId, except: ['device_states'] })

  it.each(servers.map((server, i) => [TRANSPORTS[i % TRANSPORTS.length] ?? 'rest', i, server] as const))(
    '[ACC-1] [ACC-4] once revoked, opens no operation over %s at server %i',
    async (transport, _index, { url }) => {
      for (const operation of OPERATION_NAMES) {
        const input = INPUTS[operation](deviceId)
        const answer = await callOperation({
          url,
          token: caller.token,
          operation,
          input,
          key: 'a-key',
          transport,
        })
        if (NEEDS_NONE.has(operation)) {
          expect(answer.status).toBe(200)
          continue
        }
        expect([operation, answer.status]).toEqual([operation, 401])
        const expected = { code: 'AUTH_REQUIRED', details: { reason: 'revoked', action: 're_enrol' } }
        expect(errorOf(answer, transport)).toMatchObject(operation === 'devices.enroll' ? NO_PROOF : expected)
      }
      expect(await tableContents(system.superuser, { workspaceId, except: ['device_states'] })).toEqual(
        before,
      )
    },
  )
})

describe.each([
  ['no credential', undefined, 'missing', 4],
  ['an unknown token', 'a-token-that-nobody-has', 'invalid', 6],
] as const)('%s', (_what, token, reason, at) => {
  it.each(TRANSPORTS)('[ACC-1] [ERR-9] opens no operation but health over %s', async (transport) => {
    const { url } = serverAt(at + TRANSPORTS.indexOf(transport))
    for (const operation of OPERATION_NAMES) {
      const input = INPUTS[operation]('dev_nobody')
      const answer = await callOperation({ url, token, operation, input, key: 'a-key', transport })
      if (NEEDS_NONE.has(operation)) {
        expect(answer.status).toBe(200)
        continue
      }
      expect([operation, answer.status]).toEqual([operation, 401])
      const expected = { code: 'AUTH_REQUIRED', details: { reason, action: 'authenticate' } }
      expect(errorOf(answer, transport)).toMatchObject(operation === 'devices.enroll' ? NO_PROOF : expected)
    }
  })
})
