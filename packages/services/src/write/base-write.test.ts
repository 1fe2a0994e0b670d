import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import type { ServiceContext } from '../core/context.ts'
import { baseWrite } from './base-write.ts'

const at = new Date('2026-02-12T08:00:00.000Z')
const record = {
  action: 'sync.batch',
  at,
  changes: [{ type: 'observation', id: 'obs_1', kind: 'create', before: null, after: 'f'.repeat(64) }],
  target: { type: 'observation', id: 'obs_1' },
  requestSha256: 'e'.repeat(64),
  outcome: { ok: true, code: null },
}

// Of its context a write needs the caller and the request.
const ctx = (kind: 'device' | 'system', idempotencyKey: string) =>
  ({
    actor: {
      kind,
      workspaceId: WorkspaceId.parse('ws_one'),
      deviceId: DeviceId.parse('dev_one'),
      role: 'agronomist',
      epoch: 4,
    },
    request: { requestId: 'req_1', traceId: '0'.repeat(32), via: 'rest', idempotencyKey },
  }) as ServiceContext

const audited = ({ auditPrefix, auditSuffix }: ReturnType<typeof baseWrite>): unknown =>
  JSON.parse(`${auditPrefix}7${auditSuffix}`)

it('[AUD-2, AUD-4] the audit of a write says who did what, when, and by which request', () => {
  expect(audited(baseWrite(ctx('device', 'key_1'), record))).toEqual({
    v: 3,
    ws: 'ws_one',
    seq: 7,
    at: '2026-02-12T08:00:00.000Z',
    act: 'sync.batch',
    actor: {
      auth: 'token',
      usr: null,
      dev: 'dev_one',
      client: null,
      role: 'agronomist',
      jti: null,
      via: 'rest',
    },
    chg: record.changes,
    tgt: record.target,
    req: { id: 'req_1', idem: 'key_1', bodySha256: 'e'.repeat(64) },
    out: { ok: true, code: null },
  })
})

it('[AUD-34] the audit has the reason and the commitments of a write, and neither where there is none', () => {
  const personal = [{ kind: 'name', of: 'usr_1', sha256: 'd'.repeat(64) }] as const
  const called = ctx('device', 'key_1')
  expect(audited(baseWrite(called, { ...record, personal, reason: 'Left the farm' }))).toMatchObject({
    pii: personal,
    why: 'Left the farm',
  })
  const plain = audited(baseWrite(called, { ...record, personal: [] }))
  expect(plain).not.toHaveProperty('pii')
  expect(plain).not.toHaveProperty('why')
})

it('[AUD-2] the server itself is no device, has no role, and needs no key', () => {
  expect(audited(baseWrite(ctx('system', ''), record))).toMatchObject({
    actor: { auth: null, dev: null, role: null },
    req: { idem: null },
  })
})

it.each([
  [
    'key',
    { proven: { thumbprint: 'thumb', jti: 'jti_proof', bodySha256: undefined }, bearerJti: 'jti_other' },
    'jti_proof',
  ],
  ['bearer', { bearerJti: 'jti_token' }, 'jti_token'],
  ['session', { personId: 'per_one', kind: 'user' as const }, null],
  ['token', {}, null],
] as const)('[AUD-15] names the authentication of a caller: %s', (auth, actor, jti) => {
  const called = ctx('device', 'key_1')
  const body = audited(baseWrite({ ...called, actor: { ...called.actor, ...actor } }, record))
  expect(body).toMatchObject({ actor: { auth, jti, usr: auth === 'session' ? 'per_one' : null } })
})

it('[ACC-4] is tied to the rights of a device, which the server itself has not', () => {
  expect(baseWrite(ctx('device', ''), record).epoch).toBe(4)
  expect(baseWrite(ctx('system', ''), record).epoch).toBeNull()
})

it('changes nothing but the audit until it is completed, and has a secret of its own', () => {
  const write = baseWrite(ctx('device', 'key_1'), record)
  const {
    workspaceId,
    deviceId,
    epoch,
    operation,
    now,
    auditPrefix,
    auditSuffix,
    secret,
    exclusive,
    ...rest
  } = write
  expect({ workspaceId, deviceId, operation, now }).toEqual({
    workspaceId: 'ws_one',
    deviceId: 'dev_one',
    operation: 'sync.batch',
    now: at,
  })
  expect([epoch, auditPrefix, auditSuffix]).not.toContain(undefined)
  expect(
    Object.values(rest)
      .flat()
      .filter((value) => value !== null && value !== 0 && value !== ''),
  ).toEqual([])
  // What it was decided on is not known yet (BAT-1).
  expect(exclusive).toBe(true)
  expect(secret).toHaveLength(32)
  expect(secret.equals(baseWrite(ctx('device', 'key_1'), record).secret)).toBe(false)
})
