import { canonicalText } from '@fieldsync/domain'
import { expect, it } from 'vitest'

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
  expect(entry?.actor).toEqual({
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
