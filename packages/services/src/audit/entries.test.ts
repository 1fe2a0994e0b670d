import { canonicalText } from '@fieldsync/domain'
import { describe, expect, it } from 'vitest'

import { entriesOf } from './entries.ts'

const body = {
  v: 1,
  ws: 'ws_one',
  seq: 7,
  at: '2026-02-12T08:00:00.000Z',
  act: 'sync.batch',
  actor: { usr: null, dev: 'dev_one', client: 'thumb', role: 'agronomist', jti: 'jti_1', via: 'rest' },
  chg: [{ type: 'playbook', id: 'pbk_one', kind: 'patch', before: 'b', after: 'a', paths: ['/x'] }],
  tgt: null,
  req: { id: 'req_1', idem: 'key_1', bodySha256: 'c' },
  out: { ok: true, code: null },
}
const listed = (row: object) => entriesOf({ seq: 7n, body: canonicalText(row), hash: 'h' })

it('[AUD-15] a row of body version 1 is listed as it was', () => {
  const [entry] = listed(body)
  expect(entry?.actor).toStrictEqual({
    kind: 'device',
    deviceId: 'dev_one',
    role: 'agronomist',
    keyFingerprint: 'thumb',
    personId: null,
  })
  expect(entry?.change).toEqual({ kind: 'patch', beforeSha256: 'b', afterSha256: 'a', paths: ['/x'] })
})

it('[AUD-15] a row of version 2 names the person and how they have authenticated', () => {
  const actor = { ...body.actor, dev: 'dev_web_1', usr: 'per_1', client: null, jti: null, auth: 'session' }
  const [entry] = listed({ ...body, v: 2, actor })
  expect(entry?.actor).toMatchObject({
    kind: 'user',
    personId: 'per_1',
    deviceId: 'dev_web_1',
    authentication: { kind: 'session', jti: null },
  })
  const [own] = listed({ ...body, v: 2, actor: { ...body.actor, dev: null, auth: null } })
  expect(own?.actor).toMatchObject({ kind: 'system', authentication: null })
})

it('[AUD-15] a service is told from a device by the beginning of its id, and has no person', () => {
  const kindOf = (dev: string) =>
    listed({ ...body, v: 2, actor: { ...body.actor, dev, auth: 'key' } })[0]?.actor.kind
  expect(['dev_svc_import', 'dev_one_dev_svc_', 'dev_scout_1'].map(kindOf)).toEqual([
    'service',
    'device',
    'device',
  ])
})

it('[AUD-11] a row without changes is one entry about what it is about, with its request and the hash of its row', () => {
  const target = { type: 'device', id: 'dev_two' }
  expect(listed({ ...body, act: 'device.revoke', chg: [], tgt: target })).toStrictEqual([
    {
      entryId: '7.0',
      seq: 7,
      at: '2026-02-12T08:00:00.000Z',
      action: 'device.revoke',
      actor: {
        kind: 'device',
        deviceId: 'dev_one',
        role: 'agronomist',
        keyFingerprint: 'thumb',
        personId: null,
      },
      target,
      change: null,
      outcome: { ok: true, code: null },
      request: { requestId: 'req_1', idempotencyKey: 'key_1', bodySha256: 'c' },
      hash: 'h',
    },
  ])
})

it('[AUD-11] a row with several changes is an entry of each, numbered in their order', () => {
  const change = (id: string) => ({ type: 'observation', id, kind: 'create', before: null, after: id })
  const entries = listed({ ...body, chg: [change('obs_a'), change('obs_b')] })
  expect(entries.map(({ entryId, target }) => [entryId, target])).toEqual([
    ['7.0', { type: 'observation', id: 'obs_a' }],
    ['7.1', { type: 'observation', id: 'obs_b' }],
  ])
  expect(entries[0]?.change).toStrictEqual({
    kind: 'create',
    beforeSha256: null,
    afterSha256: 'obs_a',
    paths: [],
  })
})

it('the reason that somebody gave is in each entry of the row, and in none where nobody gave one', () => {
  expect(listed({ ...body, why: 'Left the farm' })[0]?.reason).toBe('Left the farm')
  expect(listed(body)[0]).not.toHaveProperty('reason')
})

describe('[GRA-13] the holder of a grant', () => {
  const holder = (type: string, tgt: object | null) =>
    listed({ ...body, chg: [{ type, id: 'gra_1', kind: 'create', before: null, after: 'a' }], tgt })[0]
      ?.holder
  const device = { type: 'device', id: 'dev_agro_1' }

  it('is named in an entry about the grant', () => {
    expect(holder('grant', device)).toBe('dev_agro_1')
  })

  it('is named in no other entry, nor where the row does not say whose it is', () => {
    expect(holder('device', device)).toBeUndefined()
    expect(holder('grant', { type: 'workspace', id: 'ws_one' })).toBeUndefined()
    expect(holder('grant', null)).toBeUndefined()
    expect(listed({ ...body, chg: [], tgt: device })[0]).not.toHaveProperty('holder')
  })
})

describe('the entry of an edit of a playbook', () => {
  const edit = {
    patch: 'pch_1',
    reason: 'Drift',
    from: 3,
    version: 4,
    places: [{ path: '/x', before: 'p', after: null }],
  }
  const edited = {
    patchId: 'pch_1',
    reason: 'Drift',
    oldVersion: 3,
    newVersion: 4,
    places: [{ path: '/x', beforeSha256: 'p', afterSha256: null }],
  }

  it('[AUD-16] says by which patch, why, from which version to which, and place by place', () => {
    const [entry] = listed({ ...body, v: 2, chg: [{ ...body.chg[0], edit }] })
    expect(entry?.change).toStrictEqual({
      kind: 'patch',
      beforeSha256: 'b',
      afterSha256: 'a',
      paths: ['/x'],
      edit: edited,
    })
    expect(entry?.outcome).toEqual({ ok: true, code: null })
  })

  it('[AUD-6, AUD-16] that was refused has its code, beside others of its row that were accepted', () => {
    const refused = {
      type: 'playbookPatch',
      id: 'pch_1',
      kind: 'refused',
      code: 'PLAYBOOK_VERSION_MISMATCH',
      before: null,
      after: 'a',
      edit: { ...edit, version: null, places: [] },
    }
    const [first, second] = listed({ ...body, v: 2, chg: [refused, ...body.chg] })
    expect(first).toMatchObject({
      target: { type: 'playbookPatch', id: 'pch_1' },
      outcome: { ok: false, code: 'PLAYBOOK_VERSION_MISMATCH' },
      change: { kind: 'refused', edit: { ...edited, newVersion: null, places: [] } },
    })
    expect(second?.outcome).toEqual({ ok: true, code: null })
  })
})

it('[REC-22] what the server has written in consequence is an entry of the system, with its cause', () => {
  const cause = {
    actor: 'system',
    playbook: 'pbk_one',
    version: 4,
    patch: 'pch_1',
    supersedes: 'rec_old',
    decided: 'confirmed',
  }
  const successor = { type: 'recommendation', id: 'rec_new', kind: 'create', before: null, after: 'a', cause }
  const [patched, written] = listed({ ...body, v: 2, chg: [...body.chg, successor] })
  expect(patched?.actor).toMatchObject({ kind: 'device', deviceId: 'dev_one' })
  expect(patched?.change).not.toHaveProperty('cause')
  expect(written?.actor).toEqual({
    kind: 'system',
    deviceId: null,
    role: null,
    keyFingerprint: null,
    personId: null,
    authentication: null,
  })
  expect(written?.change?.cause).toEqual({
    playbookId: 'pbk_one',
    playbookVersion: 4,
    patchId: 'pch_1',
    supersedes: 'rec_old',
    decided: 'confirmed',
  })
})
