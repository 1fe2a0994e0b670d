import {
  GrantRecord,
  OPERATIONS,
  type OperationName,
  type OperationRight,
  type Scope,
  SCOPES_OF_ROLE,
} from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import {
  altered,
  DeviceKey,
  mintId,
  observation,
  playbook,
  playbookPatch,
  recommendation,
  seededRandom,
  syncBatch,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { peopleApi } from './testing/people-api.ts'
import { type Call, type Outcome, overRest } from './testing/transports.ts'

const api = await peopleApi()
const rng = seededRandom(12)
const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]

/** Which role may call what, written out (rights table of docs/protocol.md). */
const MAY: Readonly<Record<OperationRight, readonly Role[]>> = {
  none: ['viewer', 'scout', 'agronomist', 'admin', 'service'],
  read: ['viewer', 'scout', 'agronomist', 'admin', 'service'],
  sync: ['viewer', 'scout', 'agronomist', 'admin', 'service'],
  'observations.write': ['scout', 'agronomist', 'admin', 'service'],
  'playbooks.patch': ['agronomist', 'admin'],
  'playbooks.publish': ['agronomist', 'admin'],
  'audit.read': ['agronomist', 'admin'],
  admin: ['admin'],
}

/** By what a device proves who it is, a person, and a service. */
const KINDS = ['token', 'key', 'session'] as const
const SERVICE_KINDS = ['key', 'secret', 'secret and proof'] as const
type Kind = (typeof KINDS)[number] | (typeof SERVICE_KINDS)[number]

type Farm = {
  readonly caller: Pick<Call, 'token' | 'proven' | 'bearer' | 'session'>
  readonly deviceId: string
  readonly inputs: Record<OperationName, Record<string, unknown>>
}

/** A workspace with one record of each kind and one device. */
async function farm(role: Role, kind: Kind = 'token'): Promise<Farm> {
  const workspaceId = await api.workspace()
  const owner = await api.device(workspaceId, 'dev_owner', 'admin')
  const { deviceId, ...caller } = await callerOf(kind, workspaceId, role)
  const seen = observation({ deviceId: 'dev_owner' }, rng)
  const advice = recommendation({ observationId: seen.observationId }, rng)
  const patch = playbookPatch({ requestedByDeviceId: 'dev_owner' }, rng)
  // Its author is who calls: nobody else may, unless they may correct (REC-1).
  const asked = observation(
    {
      deviceId,
      extraction: { ...seen.extraction, issue: 'powdery_mildew', severity: 'moderate' },
    },
    rng,
  )
  const batch = syncBatch(
    { observations: [seen, asked], recommendations: [advice], playbookPatches: [patch] },
    rng,
  )
  const input = altered(batch, '/device/deviceId', 'dev_owner') as Record<string, unknown>
  const stored = await overRest(api.url, { operation: 'sync.batch', token: owner, input })
  if (!stored.ok) throw new Error(JSON.stringify(stored))
  const key = await api.enroll(workspaceId, 'dev_keyed')
  const people = await api.people(workspaceId, ['viewer', 'scout'])
  const [rosa, ivo] = people.map(({ personId }) => personId)
  const invitationId = await api.invitation(workspaceId, 'guest@example.com')
  // A service writes for the devices that it is granted.
  const own = observation({ deviceId: role === 'service' ? 'dev_owner' : deviceId }, rng)
  const grantId = await grantFor(owner, deviceId)
  return {
    caller,
    deviceId,
    inputs: {
      health: {},
      'sync.batch': altered(syncBatch({}, rng), '/device/deviceId', deviceId) as Record<string, unknown>,
      'observations.create': own,
      'observations.list': {},
      'observations.get': { observationId: seen.observationId },
      'observations.corrections': { observationId: seen.observationId },
      'recommendations.list': {},
      'recommendations.get': { recommendationId: advice.recommendationId },
      'recommendations.generate': { observationId: asked.observationId },
      'playbooks.list': {},
      'playbooks.get': { playbookId: 'pbk_yolo_grape' },
      'playbooks.applyPatch': playbookPatch({ requestedByDeviceId: deviceId, baseVersion: 4 }, rng),
      'playbooks.create': { document: published('pbk_made'), reason: 'For the new block' },
      'playbooks.publish': { ...changing, baseVersion: 5, document: published() },
      'playbooks.rollBack': {
        ...changing,
        baseVersion: role === 'admin' ? 6 : 5,
        toVersion: role === 'admin' ? 3 : 4,
      },
      'playbooks.retire': { ...changing, baseVersion: role === 'admin' ? 7 : 5 },
      'proposals.list': {},
      'proposals.get': { proposalId: 'prp_1' },
      'proposals.approve': { proposalId: 'prp_1' },
      'proposals.reject': { proposalId: 'prp_1', reason: 'Not now' },
      'proposals.withdraw': { proposalId: 'prp_1' },
      'patches.get': { patchId: patch.patchId },
      'weather.live': { lat: 38.5, lon: -121.7 },
      'weather.get': { weatherFeaturesId: 'wxf_20260211_demo_01' },
      'audit.list': {},
      'observations.erase': { observationIds: ['obs_20260211_0009'], reason: 'Asked for' },
      'audit.state': {},
      'audit.acknowledgeLoss': { reason: 'Restored' },
      'playbooks.versions': { playbookId: 'pbk_yolo_grape' },
      'session.get': {},
      'overview.get': {},
      'devices.list': {},
      'devices.create': { deviceId: 'dev_made', role: 'scout' },
      'devices.revoke': { deviceId: 'dev_owner' },
      'devices.readmit': { deviceId: 'dev_owner' },
      'devices.setRole': { deviceId: 'dev_owner', role: 'scout' },
      'devices.reissueToken': { deviceId: 'dev_owner' },
      'devices.openEnrollment': { deviceId: 'dev_enrolled' },
      'devices.enroll': {},
      'devices.upgrade': {},
      'devices.rotateKey': {},
      'devices.confirmKey': { deviceId: 'dev_keyed', keyFingerprint: key.thumbprint },
      'workspace.settings': {},
      'workspace.changeSettings': { baseVersion: 0, confirmKeys: true },
      'devices.wipe': { deviceId: 'dev_owner' },
      'devices.acknowledgeWipe': {},
      'security.list': {},
      'services.list': {},
      'services.create': { serviceId: 'dev_svc_made', scopes: ['read'] },
      'services.rotate': { serviceId: 'dev_svc_made' },
      'services.grant': { serviceId: 'dev_svc_made', deviceIds: ['dev_owner'] },
      'services.revoke': { serviceId: 'dev_svc_made' },
      'people.list': {},
      'people.invitations': {},
      'people.invite': { email: 'somebody@example.com', role: 'viewer' },
      'people.withdrawInvitation': { invitationId },
      'people.setRole': { personId: rosa, role: 'admin' },
      'people.endAccess': { personId: ivo },
      'people.resetLink': { personId: rosa },
      'grants.list': {},
      'grants.create': { deviceId, path: '/rules', actions: ['edit'] },
      'grants.revoke': { grantId },
      'syncs.list': {},
      'syncs.get': { deviceId: 'dev_owner', syncId: batch.syncId },
    },
  }
}

/** A grant of the caller; of a role that can have none, the id of nobody's. */
async function grantFor(owner: string, deviceId: string): Promise<string> {
  const input = { deviceId, path: '/rules', actions: ['edit'] }
  const made = await overRest(api.url, { operation: 'grants.create', token: owner, key: 'a grant', input })
  return made.ok ? GrantRecord.parse(made.answer).grantId : `grt_${'0'.repeat(32)}`
}

const changing = { playbookId: 'pbk_yolo_grape', reason: 'As agreed' }

/** A playbook other than the starter. */
const published = (playbookId = 'pbk_yolo_grape') =>
  altered(playbook({ playbookId }), '/rules/rule_pm_moderate/action/instructions', 'Wait for the wind.')

async function callerOf(
  kind: Kind,
  workspaceId: string,
  role: Role,
): Promise<Farm['caller'] & { deviceId: string }> {
  const deviceId = role === 'service' ? 'dev_svc_import' : `dev_${role}`
  if (role === 'service') return { deviceId, ...(await serviceOf(kind, workspaceId, deviceId)) }
  if (kind === 'token') return { deviceId, token: await api.device(workspaceId, deviceId, role) }
  if (kind === 'session') {
    const person = await api.person(workspaceId, role)
    const cookie = [...person.browser.cookies].map((each) => each.join('=')).join('; ')
    return { deviceId: person.deviceId, token: undefined, session: { cookie, workspaceId } }
  }
  const key = await api.enroll(workspaceId, deviceId, role)
  const accessToken = await api.accessToken(key, `${workspaceId}/${deviceId}`)
  return { deviceId, token: undefined, proven: { key, accessToken } }
}

const SERVICE_SCOPES: readonly Scope[] = ['sync', 'read']

async function serviceOf(kind: Kind, workspaceId: string, serviceId: string): Promise<Farm['caller']> {
  const key = await DeviceKey.generate()
  const service = await api.service(workspaceId, {
    serviceId,
    scopes: ['sync', 'read'],
    deviceIds: ['dev_owner'],
    ...(kind === 'key' ? { publicKeyJwk: key.publicJwk } : {}),
  })
  if (kind === 'key') {
    return { token: undefined, proven: { key, accessToken: await api.accessToken(key, service.clientId) } }
  }
  const answer = kind === 'secret' ? await api.secretToken(service) : await key.secretToken(api.url, service)
  const { access_token } = (await answer.json()) as { access_token: string }
  return kind === 'secret'
    ? { token: undefined, bearer: access_token }
    : { token: undefined, proven: { key, accessToken: access_token } }
}

// Not those that a device does with its own key (see oauth/enrollment.pg.test.ts), nor live weather, which takes a token of its
// own (see live-weather.pg.test.ts).
const WITH_A_CALLER = OPERATION_NAMES.filter(
  (name) =>
    ![
      'devices.enroll',
      'devices.upgrade',
      'devices.rotateKey',
      'devices.acknowledgeWipe',
      'weather.live',
    ].includes(name),
)

const ROLES = ['viewer', 'scout', 'agronomist', 'admin'] as const

const NO_PROPOSAL: ReadonlySet<OperationName> = new Set([
  'proposals.get',
  'proposals.approve',
  'proposals.reject',
  'proposals.withdraw',
])

const CALLERS: readonly (readonly [role: Role, kind: Kind])[] = [
  ...ROLES.flatMap((role) => KINDS.map((kind) => [role, kind] as const)),
  ...SERVICE_KINDS.map((kind) => ['service', kind] as const),
]

describe.each(CALLERS)('a %s with a %s', async (role, kind) => {
  const { caller, inputs } = await farm(role, kind)

  it.each(WITH_A_CALLER)('[ACC-7][ACC-8][ACC-10][ACC-11][ACC-24] and %s', async (operation) => {
    const outcome = await overRest(api.url, { ...caller, operation, input: inputs[operation] })
    const allowed = MAY[OPERATIONS[operation].right].includes(role)
    // An access token has the scopes of its device's role at most.
    const scopes = role === 'service' ? SERVICE_SCOPES : SCOPES_OF_ROLE[role]
    const isInScope = OPERATIONS[operation].scopes.some((scope) => scopes.includes(scope))
    const reason =
      kind !== 'token' && kind !== 'session' && !isInScope && operation !== 'health' ? 'scope' : 'role'
    const refusal = { ok: false, status: 403, error: { code: 'FORBIDDEN', details: { reason } } }
    // Nothing is proposed here: who may ask for a proposal gets that there is none.
    const answer = NO_PROPOSAL.has(operation) ? { ok: false, status: 404 } : { ok: true }
    // The grant of an agronomist's role does not publish (GRA-9).
    const isGranted = OPERATIONS[operation].right !== 'playbooks.publish' || role === 'admin'
    const withheld = { ok: false, status: 403, error: { details: { reason: 'grant' } } }
    expect(outcome).toMatchObject(allowed ? (isGranted ? answer : withheld) : refusal)
  })
})

describe.each(KINDS)('two workspaces, each with a %s', async (credential) => {
  const [mine, theirs] = [await farm('admin', credential), await farm('admin', credential)]
  const asMe = (operation: OperationName): Promise<Outcome> =>
    overRest(api.url, { operation, ...mine.caller, input: theirs.inputs[operation] })

  it.each(['observations.get', 'observations.corrections', 'recommendations.get', 'patches.get'] as const)(
    '[ACC-5][GUA-7] %s: a record of another workspace answers as one that never was',
    async (operation) => {
      const foreign = await asMe(operation)
      expect(foreign).toMatchObject({ ok: false, status: 404, error: { code: 'NOT_FOUND' } })
      const kind = {
        'observations.get': 'obs',
        'observations.corrections': 'obs',
        'recommendations.get': 'rec',
        'patches.get': 'pch',
      } as const
      const never = mintId(kind[operation], rng, '2026-02-11T16:00:00Z')
      const [[name, id] = ['', '']] = Object.entries(theirs.inputs[operation])
      const unknown = await overRest(api.url, { operation, ...mine.caller, input: { [name]: never } })
      expect(JSON.parse(JSON.stringify(foreign).replaceAll(String(id), never))).toEqual(unknown)
    },
  )

  it.each(['observations.list', 'recommendations.list', 'audit.list', 'sync.batch'] as const)(
    '[ACC-5][GUA-7] %s: nothing of another workspace is listed',
    async (operation) => {
      const own = await overRest(api.url, { operation, ...mine.caller, input: mine.inputs[operation] })
      const text = JSON.stringify(own)
      const [ownObservation] = Object.values(mine.inputs['observations.get'])
      expect(text).toContain(String(ownObservation))
      for (const foreign of ['observations.get', 'recommendations.get', 'patches.get'] as const) {
        const [id] = Object.values(theirs.inputs[foreign])
        expect(text).not.toContain(String(id))
      }
    },
  )

  it('[ACC-5] a playbook is read from the workspace of the credential', async () => {
    const patch = playbookPatch({ requestedByDeviceId: theirs.deviceId, baseVersion: 4 }, rng)
    await overRest(api.url, { operation: 'playbooks.applyPatch', ...theirs.caller, input: patch })
    const outcome = await overRest(api.url, {
      operation: 'playbooks.get',
      ...mine.caller,
      input: { playbookId: 'pbk_yolo_grape' },
    })
    expect(outcome).toMatchObject({ ok: true, answer: { version: 4 } })
  })

  it('[IDS-3][IDM-1] the same id and the same key mean another record there', async () => {
    const record = { ...mine.inputs['observations.create'], deviceId: theirs.deviceId }
    for (const { caller } of [mine, theirs]) {
      const outcome = await overRest(api.url, {
        operation: 'observations.create',
        ...caller,
        key: 'shared',
        input: record,
      })
      expect(outcome).toMatchObject({ ok: true, replayed: false })
    }
  })

  it('[CUR-5][GUA-7] a cursor of another workspace is refused', async () => {
    const pulled = await overRest(api.url, {
      ...theirs.caller,
      operation: 'sync.batch',
      input: theirs.inputs['sync.batch'],
    })
    const { serverCursor } = (pulled as { answer: { serverCursor: string } }).answer
    const input = { ...mine.inputs['sync.batch'], lastKnownServerCursor: serverCursor, syncId: 'syn_foreign' }
    const outcome = await overRest(api.url, { operation: 'sync.batch', ...mine.caller, input })
    expect(outcome).toMatchObject({ ok: false, status: 409, error: { code: 'CURSOR_INVALID' } })
  })
})
