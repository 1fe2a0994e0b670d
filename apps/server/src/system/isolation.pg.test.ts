import { OPERATIONS, type OperationName } from '@fieldsync/contracts'
import {
  acceptedBody,
  callOperation,
  isReplay,
  device,
  TRANSPORTS,
  observation,
  playbookPatch,
  recommendation,
  syncBatch,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import {
  type Case,
  recommendationCases,
  GRANT_CASES,
  peopleCases,
  PUBLISHING_CASES,
  SERVICE_CASES,
} from './testing/isolation-cases.ts'
import { givePeople } from './testing/isolation-people.ts'
import { labelledFarm, SHARED_KEY } from './testing/labelled-farm.ts'
import { sharedSystem } from './testing/shared-system.ts'
import { tableContents } from './testing/table-contents.ts'

const system = await sharedSystem(1)
// Ours and theirs have the same ids with different contents; `elsewhere` is a second foreign farm with ids of its own.
const ours = await labelledFarm(system, 'mark_ours', 1)
const theirs = await labelledFarm(system, 'mark_theirs', 1)
const elsewhere = await labelledFarm(system, 'mark_elsewhere', 2)
const foreign = [theirs, elsewhere]
await givePlaybooks()
for (const deviceId of ['dev_theirs', 'dev_only_theirs'])
  await system.device(elsewhere.workspaceId, deviceId, 'scout')
// Ours has the same name, and their secrets and grants are no answer's.
for (const { caller, label } of [ours, theirs, elsewhere]) {
  const scopes = label === ours.label ? ['read'] : ['sync', 'read']
  for (const serviceId of label === elsewhere.label
    ? ['dev_svc_twin', 'dev_svc_only_theirs']
    : ['dev_svc_twin'])
    await callOperation({
      ...caller,
      operation: 'services.create',
      input: { serviceId, scopes },
      key: serviceId,
    })
}
const people = await givePeople(system, foreign)
const before = await Promise.all(
  foreign.map(({ workspaceId }) => tableContents(system.superuser, { workspaceId })),
)

const self = device({ deviceId: 'dev_owner' })
const mine = { deviceId: 'dev_owner', rawNoteText: 'Second note of mark_ours' }
const batch = (overrides: Parameters<typeof syncBatch>[0]) => syncBatch({ device: self, ...overrides })

/** Every operation has its cases here: a new one without cases is a type error. */
const CASES: Readonly<Record<OperationName, readonly Case[]>> = {
  health: [{ what: 'anything', input: {}, expected: 'plain' }],
  'sync.batch': [
    { what: 'a pull', input: batch({}), expected: 'own' },
    {
      what: 'a foreign cursor',
      input: batch({ lastKnownServerCursor: elsewhere.serverCursor }),
      expected: 'CURSOR_INVALID',
    },
    {
      what: 'the cursor of a twin',
      input: batch({ lastKnownServerCursor: theirs.serverCursor }),
      expected: 'CURSOR_INVALID',
    },
    {
      what: 'a write with a foreign cursor',
      input: batch({ lastKnownServerCursor: theirs.serverCursor, observations: [observation(mine)] }),
      expected: 'CURSOR_INVALID',
    },
    {
      what: 'an id of theirs that we have too',
      input: batch({
        observations: [
          observation({ ...mine, observationId: ours.ids.draftId, updatedAt: '2026-02-12T01:00:00Z' }),
        ],
      }),
      expected: 'own',
    },
    {
      what: 'ids that only they have',
      input: batch({
        observations: [observation({ ...mine, observationId: elsewhere.ids.observationId })],
        recommendations: [recommendation({ recommendationId: elsewhere.ids.recommendationId })],
        playbookPatches: [
          playbookPatch({ patchId: elsewhere.ids.patchId, requestedByDeviceId: 'dev_owner' }),
        ],
        report: {
          pending: 0,
          conflicts: 1,
          quarantined: 0,
          resolved: foreign.map(({ conflictId }) => ({ conflictId, resolution: 'discard' })),
        },
      }),
      expected: 'own',
      conflicts: ['RECOMMENDATION_ORPHAN', 'PLAYBOOK_VERSION_MISMATCH'],
    },
    {
      what: 'a recommendation on an observation of theirs',
      input: batch({ recommendations: [recommendation({ observationId: elsewhere.ids.draftId })] }),
      expected: 'own',
      conflicts: ['RECOMMENDATION_ORPHAN'],
    },
  ],
  'observations.create': [
    { what: 'a key of theirs', input: observation(mine), expected: 'own', key: SHARED_KEY },
    {
      what: 'an id of theirs',
      input: observation({ ...mine, observationId: elsewhere.ids.draftId }),
      expected: 'own',
    },
  ],
  'observations.list': [
    { what: 'no parameter', input: {}, expected: 'own' },
    { what: 'a foreign cursor', input: { cursor: elsewhere.listCursor, limit: 500 }, expected: 'own' },
    { what: 'words of theirs', input: { text: elsewhere.label.slice(4) }, expected: 'nothing' },
  ],
  'observations.get': [
    { what: 'an id we share', input: { observationId: theirs.ids.observationId }, expected: 'own' },
    { what: 'an id of theirs', input: { observationId: elsewhere.ids.observationId }, expected: 'NOT_FOUND' },
  ],
  'observations.corrections': [
    { what: 'an id we share', input: { observationId: theirs.ids.observationId }, expected: 'own' },
    { what: 'an id of theirs', input: { observationId: elsewhere.ids.observationId }, expected: 'NOT_FOUND' },
  ],
  'recommendations.list': [
    { what: 'no parameter', input: {}, expected: 'own' },
    { what: 'an observation we share', input: { observationId: theirs.ids.observationId }, expected: 'own' },
    {
      what: 'an observation of theirs',
      input: { observationId: elsewhere.ids.observationId },
      expected: 'nothing',
    },
    { what: 'a foreign cursor', input: { cursor: elsewhere.listCursor, limit: 500 }, expected: 'own' },
  ],
  'recommendations.get': [
    { what: 'an id we share', input: { recommendationId: theirs.ids.recommendationId }, expected: 'own' },
    {
      what: 'an id of theirs',
      input: { recommendationId: elsewhere.ids.recommendationId },
      expected: 'NOT_FOUND',
    },
  ],
  'playbooks.list': [{ what: 'no parameter', input: {}, expected: 'own' }],
  'playbooks.get': [
    { what: 'the playbook we share', input: { playbookId: 'pbk_yolo_grape' }, expected: 'own' },
    {
      what: 'a version of theirs',
      input: { playbookId: 'pbk_yolo_grape', version: 5 },
      expected: 'NOT_FOUND',
    },
    { what: 'a playbook of theirs', input: { playbookId: 'pbk_theirs' }, expected: 'NOT_FOUND' },
  ],
  'playbooks.applyPatch': [
    {
      what: 'a key of theirs',
      input: playbookPatch({ requestedByDeviceId: 'dev_owner', baseVersion: 4 }),
      expected: 'plain',
      key: SHARED_KEY,
    },
    {
      what: 'a playbook of theirs',
      input: playbookPatch({ requestedByDeviceId: 'dev_owner', playbookId: 'pbk_theirs' }),
      expected: 'NOT_FOUND',
    },
  ],
  'patches.get': [
    { what: 'an id we share', input: { patchId: theirs.ids.patchId }, expected: 'own' },
    { what: 'an id of theirs', input: { patchId: elsewhere.ids.patchId }, expected: 'NOT_FOUND' },
  ],
  'weather.get': [
    { what: 'an id we share', input: { weatherFeaturesId: theirs.ids.weatherFeaturesId }, expected: 'own' },
    {
      what: 'an id of theirs',
      input: { weatherFeaturesId: elsewhere.ids.weatherFeaturesId },
      expected: 'NOT_FOUND',
    },
  ],
  'audit.list': [
    { what: 'no parameter', input: { limit: 500 }, expected: 'plain' },
    { what: 'an entry of theirs', input: { after: elsewhere.lastAuditEntry }, expected: 'plain' },
    { what: 'a foreign cursor', input: { cursor: elsewhere.auditCursor }, expected: 'plain' },
  ],
  'playbooks.versions': [
    { what: 'the playbook we share', input: { playbookId: 'pbk_yolo_grape' }, expected: 'own' },
    { what: 'a playbook of theirs', input: { playbookId: 'pbk_theirs' }, expected: 'NOT_FOUND' },
  ],
  'session.get': [{ what: 'no parameter', input: {}, expected: 'plain' }],
  'overview.get': [{ what: 'no parameter', input: {}, expected: 'plain' }],
  'devices.list': [
    { what: 'no parameter', input: {}, expected: 'plain' },
    { what: 'the id before one of theirs', input: { cursor: 'ddev_their' }, expected: 'plain' },
  ],
  'devices.create': [
    {
      what: 'a key and an id of theirs',
      input: { deviceId: 'dev_theirs', role: 'scout' },
      expected: 'plain',
      key: SHARED_KEY,
    },
  ],
  'devices.revoke': [
    { what: 'a device of theirs', input: { deviceId: 'dev_only_theirs' }, expected: 'NOT_FOUND' },
  ],
  'devices.readmit': [
    { what: 'a device of theirs', input: { deviceId: 'dev_only_theirs' }, expected: 'NOT_FOUND' },
  ],
  'devices.setRole': [
    {
      what: 'a device of theirs',
      input: { deviceId: 'dev_only_theirs', role: 'admin' },
      expected: 'NOT_FOUND',
    },
  ],
  'devices.reissueToken': [
    { what: 'a device of theirs', input: { deviceId: 'dev_only_theirs' }, expected: 'NOT_FOUND' },
  ],
  'devices.openEnrollment': [
    {
      what: 'a key of theirs, and a device that only they have',
      input: { deviceId: 'dev_only_theirs' },
      expected: 'plain',
      key: SHARED_KEY,
    },
  ],
  // Its workspace follows from the code alone, and it needs no caller.
  'devices.enroll': [],
  // Both are about the caller's own key, and name no other record.
  'devices.upgrade': [],
  'devices.rotateKey': [],
  'devices.confirmKey': [
    {
      what: 'a key of a device of theirs',
      input: { deviceId: 'dev_only_theirs', keyFingerprint: 'A'.repeat(43) },
      expected: 'NOT_FOUND',
    },
  ],
  'workspace.settings': [{ what: 'nothing but the credential', input: {}, expected: 'plain' }],
  'workspace.changeSettings': [
    { what: 'nothing but the credential', input: { baseVersion: 0, confirmKeys: true }, expected: 'plain' },
  ],
  'observations.erase': [
    {
      what: 'an id of theirs',
      input: { observationIds: ['obs_20260211_0009'], reason: 'Asked for' },
      expected: 'plain',
    },
  ],
  'audit.state': [{ what: 'nothing but the credential', input: {}, expected: 'plain' }],
  'audit.acknowledgeLoss': [
    { what: 'nothing but the credential', input: { reason: 'Restored' }, expected: 'plain' },
  ],
  // Its device follows from the credential alone.
  'devices.acknowledgeWipe': [],
  ...SERVICE_CASES,
  ...recommendationCases(theirs.ids.observationId, elsewhere.ids.weatherFeaturesId),
  ...peopleCases(people),
  ...GRANT_CASES,
  ...PUBLISHING_CASES,
  'syncs.list': [
    { what: 'no parameter', input: {}, expected: 'plain' },
    { what: 'a foreign cursor', input: { cursor: elsewhere.syncsCursor }, expected: 'plain' },
    { what: 'a device of theirs', input: { deviceId: 'dev_only_theirs' }, expected: 'nothing' },
  ],
  'syncs.get': [
    {
      what: 'an id we share',
      input: { deviceId: 'dev_owner', syncId: theirs.ids.syncId },
      expected: 'plain',
    },
    {
      what: 'an id of theirs',
      input: { deviceId: 'dev_owner', syncId: elsewhere.ids.syncId },
      expected: 'NOT_FOUND',
    },
  ],
}

/** A version and a playbook that exist only in the foreign farm with ids of its own. */
async function givePlaybooks(): Promise<void> {
  const { caller, workspaceId } = elsewhere
  const patch = playbookPatch({ requestedByDeviceId: caller.deviceId, baseVersion: 4 })
  const applied = await callOperation({
    ...caller,
    operation: 'playbooks.applyPatch',
    input: patch,
    key: 'version-5',
  })
  expect(JSON.parse(applied.text)).toMatchObject({ newVersion: 5 })
  const { pool } = system.superuser
  await pool.query(
    `INSERT INTO playbooks SELECT workspace_id, 'pbk_theirs', 3, updated_at, 1, stored_at
     FROM playbooks WHERE workspace_id = $1`,
    [workspaceId],
  )
  await pool.query(
    `INSERT INTO playbook_versions SELECT workspace_id, 'pbk_theirs', version, NULL, paths, document, created_at
     FROM playbook_versions WHERE workspace_id = $1 AND version = 3`,
    [workspaceId],
  )
  await pool.query(
    `INSERT INTO playbook_proposals (workspace_id, number, playbook_id, kind, base_version, document, paths, reason,
       proposed_at, state)
     SELECT workspace_id, 1, 'pbk_theirs', 'retirement', version, document, paths, 'As agreed', created_at, 'open'
     FROM playbook_versions WHERE workspace_id = $1 AND version = 3 AND playbook_id = 'pbk_theirs'`,
    [workspaceId],
  )
}

const foreignIds = [...Object.values(elsewhere.ids), 'dev_only_theirs', 'dev_svc_only_theirs']

async function expectIsolated(
  operation: OperationName,
  transport: (typeof TRANSPORTS)[number],
  asked: Case,
): Promise<void> {
  const { input, expected, conflicts } = asked
  const { syncId } = input
  const key = asked.key ?? (typeof syncId === 'string' ? syncId : `key of ${operation}: ${asked.what}`)
  const { url, token } = ours.caller
  const answer = await callOperation({
    url,
    token,
    operation,
    input,
    transport,
    ...(isWrite(operation) ? { key } : {}),
  })
  // An answer may repeat the requested id, which reveals nothing.
  const leaked = foreignIds.reduce(
    (text, id) => (JSON.stringify(input).includes(id) ? text.replaceAll(id, '(asked for)') : text),
    answer.text,
  )
  for (const { label } of foreign) expect(leaked).not.toContain(label)
  if (!isWrite(operation)) for (const id of foreignIds) expect(leaked).not.toContain(id)
  if (expected === 'NOT_FOUND' || expected === 'CURSOR_INVALID' || expected === 'FORBIDDEN') {
    expect(answer.status).toBe({ NOT_FOUND: 404, CURSOR_INVALID: 409, FORBIDDEN: 403 }[expected])
    expect(leaked).toContain(`"code":"${expected}"`)
    return
  }
  expect({ status: answer.status, leaked }).toMatchObject({
    status: transport === 'rest' ? OPERATIONS[operation].status : 200,
  })
  if (transport === 'rest') expect(isReplay(answer)).toBe(false)
  if (expected === 'own') expect(leaked).toContain(ours.label)
  if (expected === 'nothing') expect(leaked).not.toContain(ours.label)
  if (conflicts !== undefined && transport === 'rest') {
    expect(acceptedBody(answer).conflicts.map(({ code }) => code)).toEqual(conflicts)
  }
}

const isWrite = (operation: OperationName): boolean => OPERATIONS[operation].method === 'POST'
// Reads first: writes under foreign ids create records of our own with these ids.
const IN_ORDER = (Object.keys(OPERATIONS) as OperationName[]).toSorted(
  (a, b) => Number(isWrite(a)) - Number(isWrite(b)),
)

describe('a caller that knows the ids, keys and cursors of other workspaces', () => {
  it.each(
    IN_ORDER.flatMap((operation) =>
      TRANSPORTS.flatMap((transport) =>
        CASES[operation].map((asked) => ({ operation, transport, asked, what: asked.what })),
      ),
    ),
  )(
    '[GUA-7] [ACC-5] [IDS-3] [IDM-1] $operation over $door with $what reaches only its own records',
    async (call) => {
      await expectIsolated(call.operation, call.transport, call.asked)
    },
  )

  it('[GUA-7] [IDM-1] used a key that the other workspaces had used: it is another key in each', async () => {
    const { rows } = await system.superuser.pool.query<{ operation: string; workspaces: number }>(
      `SELECT operation, count(DISTINCT workspace_id)::int AS workspaces, count(*)::int AS keys FROM sync_events
       WHERE idempotency_key = $1 GROUP BY operation ORDER BY operation`,
      [SHARED_KEY],
    )
    expect(rows).toContainEqual({ operation: 'sync.batch', workspaces: 3, keys: 3 })
  })

  it('[GUA-7] [ACC-5] [CNF-12] changed nothing there: no row of the other workspaces is another', async () => {
    const after = await Promise.all(
      foreign.map(({ workspaceId }) => tableContents(system.superuser, { workspaceId })),
    )
    expect(after).toEqual(before)
    for (const { workspaceId } of [ours, ...foreign]) {
      expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
    }
  })
})
