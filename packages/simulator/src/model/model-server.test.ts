import { SyncBatchResponse } from '@fieldsync/contracts'
import {
  device,
  observation,
  playbookPatch,
  recommendation,
  syncBatch,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { beforeEach, describe, expect, it } from 'vitest'

import type { ServerAnswer } from '../server-call.ts'
import { ModelServer } from './model-server.ts'

const clock = { time: 0, now: () => clock.time }
let server: ModelServer
let keys = 0

beforeEach(() => {
  clock.time = Date.parse('2026-02-12T08:00:00Z')
  server = new ModelServer({ clock, limits: { maxRecords: 3 } })
  server.createWorkspace('ws')
  for (const deviceId of ['dev_scout_1', 'dev_scout_2']) {
    server.createDevice({ workspaceId: 'ws', deviceId, role: 'scout', token: deviceId })
  }
})

const body = (deviceId: string, overrides: SyncBatchOverrides) =>
  JSON.stringify(syncBatch({ device: device({ deviceId }), ...overrides }))
const send = (deviceId: string, overrides: SyncBatchOverrides = {}, key = 'key'): ServerAnswer =>
  server.syncBatch({ token: deviceId, key, body: body(deviceId, overrides) })
const accepted = (answer: ServerAnswer): SyncBatchResponse => {
  expect(answer.status).toBe(200)
  return SyncBatchResponse.parse(JSON.parse(answer.body))
}
const refusal = ({
  status,
  body: text,
}: ServerAnswer): { status: number; code: string; details: unknown } => {
  const { error } = JSON.parse(text) as { error: { code: string; details: unknown } }
  return { status, code: error.code, details: error.details }
}
const push = (deviceId: string, overrides: SyncBatchOverrides) =>
  accepted(send(deviceId, overrides, `key-${++keys}`))
const pull = (deviceId: string, lastKnownServerCursor = '', maxDownstream?: number) =>
  accepted(send(deviceId, { lastKnownServerCursor, maxDownstream }))

describe('the checks', () => {
  it('[ERR-4] come in their order: each call has all later faults as well', () => {
    const small = new ModelServer({ clock, limits: { maxBytes: 3000 } })
    small.createWorkspace('ws')
    small.createDevice({ workspaceId: 'ws', deviceId: 'dev_viewer', role: 'viewer', token: 'viewer' })
    const cursor = { lastKnownServerCursor: 'nonsense' }
    const foreign = { device: device({ deviceId: 'dev_other' }), observations: [observation()], ...cursor }
    const wrong = JSON.stringify({ ...syncBatch(foreign), surprise: 1 })
    const call = (token: string, key: string | undefined, text: string) =>
      refusal(small.syncBatch({ token, key, body: text }))
    expect(call('nobody', undefined, wrong.padEnd(3001))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(call('nobody', undefined, wrong)).toMatchObject({
      code: 'AUTH_REQUIRED',
      details: { reason: 'invalid' },
    })
    const issues = [{ path: '/headers/idempotency-key' }, { path: '/surprise' }]
    expect(call('viewer', undefined, wrong)).toMatchObject({ code: 'VALIDATION_ERROR', details: { issues } })
    expect(call('viewer', 'key', JSON.stringify(syncBatch(foreign)))).toMatchObject({
      details: { reason: 'device_mismatch' },
    })
    expect(
      call('viewer', 'key', body('dev_viewer', { observations: [observation()], ...cursor })),
    ).toMatchObject({
      details: { reason: 'role' },
    })
    expect(call('viewer', 'key', body('dev_viewer', cursor))).toMatchObject({
      status: 409,
      code: 'CURSOR_INVALID',
    })
  })

  it('[ERR-17] a batch of more records than allowed is too large', () => {
    const observations = [observation(), observation(), observation(), observation()]
    expect(refusal(send('dev_scout_1', { observations }))).toMatchObject({
      status: 413,
      details: { maxBytes: 8 * 1024 * 1024, maxRecords: 3 },
    })
  })

  it('[ACC-1, ACC-4] a revoked device and an expired token are refused from the next call on', () => {
    server.addToken('ws', 'dev_scout_1', 'another')
    server.expireToken('dev_scout_1')
    expect(refusal(send('dev_scout_1')).details).toEqual({ reason: 'expired', action: 'new_token' })
    const text = body('dev_scout_1', {})
    expect(server.syncBatch({ token: 'another', key: 'key', body: text }).status).toBe(200)
    server.revokeDevice('ws', 'dev_scout_1')
    expect(refusal(server.syncBatch({ token: 'another', key: 'key', body: text })).details).toEqual({
      reason: 'revoked',
      action: 're_enrol',
    })
  })
})

describe('keys', () => {
  it('[IDM-2, IDM-3] replay the same payload byte for byte and refuse another', () => {
    const call = {
      token: 'dev_scout_1',
      key: 'key',
      body: body('dev_scout_1', { observations: [observation()] }),
    }
    const first = server.syncBatch(call)
    clock.time += 1000
    const respelled = { ...call, key: '"key"', body: JSON.stringify(JSON.parse(call.body), null, 2) }
    expect(server.syncBatch(respelled)).toEqual({
      ...first,
      headers: { ...first.headers, 'idempotency-replayed': 'true' },
    })
    expect(refusal(send('dev_scout_1', { observations: [observation()] })).code).toBe('IDEMPOTENCY_CONFLICT')
    expect(server.state('ws').observations.size).toBe(1)
  })

  it('[IDM-5, IDM-6, IDM-7] are bound by an accepted batch only, and then against a pull as well', () => {
    expect(send('dev_scout_1', { observations: [observation()], lastKnownServerCursor: 'no' }).status).toBe(
      409,
    )
    expect(send('dev_scout_1').status).toBe(200)
    expect(send('dev_scout_1', { observations: [observation()] }).status).toBe(200)
    expect(refusal(send('dev_scout_1')).code).toBe('IDEMPOTENCY_CONFLICT')
    expect(send('dev_scout_2').status).toBe(200)
  })
})

describe('cursors', () => {
  it('[CUR-3, CUR-4, DWN-2] pages of any size deliver everything once, and own writes at the head not at all', () => {
    const observations = [observation(), observation(), observation()]
    const first = push('dev_scout_1', { observations })
    expect(first.downstream.observations).toEqual([])
    expect(pull('dev_scout_1', first.serverCursor).downstream.observations).toEqual([])
    const seen: string[] = []
    let page = pull('dev_scout_2', '', 1)
    for (;;) {
      seen.push(...page.downstream.observations.map(({ observationId }) => observationId))
      if (!page.downstream.hasMore) break
      page = pull('dev_scout_2', page.serverCursor, 1)
    }
    expect(seen).toEqual(observations.map(({ observationId }) => observationId))
    expect(page.serverCursor).toBe(first.serverCursor)
  })

  it('[CUR-5, CUR-6] another workspace and a lost branch are refused, also once the log has grown past it', () => {
    const stored = push('dev_scout_1', { observations: [observation()] }).serverCursor
    const backup = server.backup()
    const lost = push('dev_scout_1', { observations: [observation()] }).serverCursor
    server.restore(backup)
    const of = (cursor: string) => send('dev_scout_1', { lastKnownServerCursor: cursor }).status
    expect([of(stored), of(lost)]).toEqual([200, 409])
    for (let i = 0; i < 3; i++) push('dev_scout_1', { observations: [observation()] })
    expect([of(stored), of(lost)]).toEqual([200, 409])
    server.restart()
    expect([of(stored), of(lost)]).toEqual([200, 409])
    server.createWorkspace('ws_b')
    server.createDevice({ workspaceId: 'ws_b', deviceId: 'dev_scout_1', role: 'scout', token: 'other' })
    const foreign = body('dev_scout_1', { lastKnownServerCursor: stored })
    expect(server.syncBatch({ token: 'other', key: 'key', body: foreign }).status).toBe(409)
  })
})

describe('a batch', () => {
  it('[BAT-2, BAT-3, BAT-4] gives each record its outcome on what the ones before it left', () => {
    const made = observation()
    const answer = push('dev_scout_1', {
      observations: [made, { ...made, rawNoteText: 'Older.', updatedAt: '2026-02-10T00:00:00Z' }],
      recommendations: [recommendation({ observationId: made.observationId })],
    })
    expect(answer.acceptedCounts).toEqual({ observations: 1, recommendations: 1, playbookPatches: 0 })
    expect(answer.conflicts).toMatchObject([
      { code: 'OBSERVATION_STALE_WRITE', server: { updatedAt: answer.acceptedAt, record: made } },
    ])
  })

  it('[BAT-7, CNF-3, CNF-4] applies a chain of patches, and tells a stale one of the version it ends with', () => {
    server.setRole('ws', 'dev_scout_1', 'agronomist')
    const [one, two, stale] = [playbookPatch(), playbookPatch({ baseVersion: 4 }), playbookPatch()]
    const { conflicts, downstream } = push('dev_scout_1', { playbookPatches: [one, stale, two] })
    expect(downstream).toMatchObject({ playbook: { version: 5 }, playbooks: [{ version: 5 }] })
    expect(conflicts).toMatchObject([
      {
        code: 'PLAYBOOK_VERSION_MISMATCH',
        playbook: {
          activeVersion: 5,
          overlapping: true,
          intervening: [
            { patchId: one.patchId, version: 4 },
            { patchId: two.patchId, version: 5 },
          ],
        },
      },
    ])
  })

  it('[CNF-9, CNF-10, CNF-11] keeps one entry for a conflict, until it is resolved and when it comes again', () => {
    const orphan = recommendation()
    const conflictId = () => push('dev_scout_1', { recommendations: [orphan] }).conflicts[0]?.conflictId ?? ''
    const id = conflictId()
    expect(conflictId()).toBe(id)
    const open = () => server.state('ws').conflicts.map(({ resolvedAs }) => resolvedAs)
    const report = {
      pending: 0,
      conflicts: 0,
      quarantined: 0,
      resolved: [{ conflictId: id, resolution: 'discard' as const }],
    }
    send('dev_scout_2', { report })
    expect(open()).toEqual([null])
    send('dev_scout_1', { report })
    expect(open()).toEqual(['discard'])
    expect(conflictId()).toBe(id)
    expect(open()).toEqual([null])
  })

  it('[HSH-1] gets the state hash at the head, which depends on what is held and not on how it came about', () => {
    const made = observation()
    const hash = push('dev_scout_1', { observations: [made] }).downstream.stateHash
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(pull('dev_scout_2', '', 1).downstream.stateHash).toBe(hash)
    const edited = { ...made, rawNoteText: 'Edited.', updatedAt: '2026-02-12T07:00:00Z' }
    const back = { ...made, updatedAt: '2026-02-12T07:30:00Z' }
    expect(push('dev_scout_1', { observations: [edited] }).downstream.stateHash).not.toBe(hash)
    expect(push('dev_scout_1', { observations: [back] }).downstream.stateHash).toBe(hash)
    push('dev_scout_2', { observations: [observation({ deviceId: 'dev_scout_2' })] })
    expect(pull('dev_scout_1', '', 1).downstream.stateHash).toBeUndefined()
  })
})
