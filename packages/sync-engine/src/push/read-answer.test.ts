import { SyncId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { Call } from '../core/in-flight-batch.ts'
import { authAction, readAnswer, readRefusal, refusalDetail } from './read-answer.ts'

const call: Call = {
  syncId: SyncId.parse('syn_1'),
  body: '{}',
  cursor: '0.4',
  reported: { resolved: 0, drift: false },
  entries: [
    { key: '1', type: 'observation', id: 'obs_20260211_0001' },
    { key: '2', type: 'observation', id: 'obs_20260211_0001' },
    { key: '3', type: 'recommendation', id: 'rec_20260211_0001' },
  ],
}
const conflict = {
  entityType: 'observation',
  entityId: 'obs_20260211_0001',
  code: 'OBSERVATION_STALE_WRITE',
  message: 'stale',
  conflictId: 'cnf_1',
  resolution: 'accept_server',
}
const answer = {
  syncId: 'syn_1',
  acceptedAt: '2026-02-11T18:00:00Z',
  serverCursor: '0.9',
  acceptedCounts: { observations: 1, recommendations: 1, playbookPatches: 0 },
  conflicts: [conflict],
  downstream: {
    playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: '2026-02-11T12:00:00Z' },
    observations: [],
    recommendations: [],
    hasMore: false,
  },
}
const read = (body: unknown, status = 200) => readAnswer(call, { status, body: JSON.stringify(body) })

describe('an answer', () => {
  it('[ENG-6] that names each outcome once is a result, with the keys of a newer server beside it', () => {
    const newer = { ...answer, hint: 'x', downstream: { ...answer.downstream, mood: 'good' } }
    const result = read(newer)
    expect(result).toMatchObject({ kind: 'result', response: answer, raw: newer })
    expect(result.kind === 'result' && 'hint' in result.response).toBe(false)
  })

  it.each([
    ['is to another batch', { ...answer, syncId: 'syn_2' }],
    ['counts too few', { ...answer, conflicts: [] }],
    ['counts too many', { ...answer, acceptedCounts: { ...answer.acceptedCounts, observations: 2 } }],
    [
      'counts another type',
      { ...answer, acceptedCounts: { observations: 0, recommendations: 2, playbookPatches: 0 } },
    ],
    [
      'names a record that was not sent',
      { ...answer, conflicts: [{ ...conflict, entityId: 'obs_20260211_0002' }] },
    ],
    ['knows a code of another contract', { ...answer, conflicts: [{ ...conflict, code: 'NEW_KIND' }] }],
    [
      'would be asked for ever',
      { ...answer, serverCursor: '0.4', downstream: { ...answer.downstream, hasMore: true } },
    ],
    ['is an array', []],
    ['is null', null],
  ])('[ENG-6] that %s is broken, though a server said it', (_, body) => {
    expect(read(body)).toMatchObject({ kind: 'broken', cause: 'server' })
  })

  it('[ENG-6] that was cut anywhere is broken, which says nothing about its records', () => {
    const text = JSON.stringify(answer)
    for (let length = 0; length < text.length; length++) {
      expect(readAnswer(call, { status: 200, body: text.slice(0, length) })).toMatchObject({
        kind: 'broken',
        cause: 'transfer',
      })
    }
  })

  it.each([
    ['transfer', [200, 302, 408, 425, 502, 503, 504]],
    ['rejected', [400, 401, 403, 404, 406, 415, 422, 451, 500, 511]],
    ['busy', [429]],
  ])('[ENG-6, ENG-51] that is not the server’s own is broken: %s for %j', (cause, statuses) => {
    for (const status of statuses) {
      const page = readAnswer(call, { status, body: '<html>sign in</html>' })
      expect(page).toMatchObject({ kind: 'broken', cause })
      if (status < 300) continue
      expect(readAnswer(call, { status, body: '{"reason":"blocked"}' })).toMatchObject({
        kind: 'broken',
        cause,
      })
    }
  })
})

describe('a refusal', () => {
  const error = { code: 'CURSOR_INVALID', message: 'no', retryable: false, traceId: '0', details: { a: 1 } }
  const envelope = { requestId: 'r', timestamp: '2026-02-11T18:00:00Z', error }

  it('[ENG-13] is read from its envelope', () => {
    expect(read(envelope, 409)).toEqual({
      kind: 'refusal',
      refusal: { code: 'CURSOR_INVALID', message: 'no', retryable: false, details: { a: 1 } },
    })
  })

  it('[ENG-13] with a code of a newer server keeps what it says of itself', () => {
    const newer = { ...envelope, error: { ...error, code: 'TEAPOT', retryable: true } }
    expect(read(newer, 418)).toEqual({
      kind: 'refusal',
      refusal: { code: null, unknownCode: 'TEAPOT', message: 'TEAPOT: no', retryable: true, details: {} },
    })
  })

  it('[ENG-13, ENG-14] without an envelope says something only where a proxy finds the batch too large', () => {
    expect(read({ error: 'large' }, 413)).toMatchObject({ refusal: { code: 'PAYLOAD_TOO_LARGE' } })
    expect(read({ error: { code: 'CURSOR_INVALID' } }, 409)).toMatchObject({ kind: 'broken' })
  })
})

describe('the version of a server', () => {
  const error = { code: 'CURSOR_INVALID', message: 'no', retryable: false, traceId: '0' }
  const envelope = { requestId: 'r', timestamp: '2026-02-11T18:00:00Z', error }

  it('[HDR-4, ENG-31] is what the answer announces, be it a result or a refusal', () => {
    const announced = (json: unknown, status: number, contract: string) =>
      readAnswer(call, { status, body: JSON.stringify(json), contract })
    expect(announced(answer, 200, '1.5.0')).toMatchObject({ kind: 'result', contract: '1.5.0' })
    expect(announced(envelope, 409, '1.5.0')).toMatchObject({ refusal: { contract: '1.5.0', details: {} } })
    expect(announced(answer, 200, 'newest')).toMatchObject({ kind: 'result', contract: undefined })
  })

  it.each([200, 299])('[ENG-6] with status %i an answer is a result', (status) => {
    expect(read(answer, status)).toMatchObject({ kind: 'result' })
  })

  it.each([199, 300])('[ENG-6] with status %i it is none, whatever it holds', (status) => {
    expect(read(answer, status)).toEqual({
      kind: 'broken',
      problem: `the answer was a bare ${status}`,
      cause: 'transfer',
    })
  })

  it.each([
    ['is not a batch answer, or was cut', {}],
    ['is to another batch', { ...answer, syncId: 'syn_2' }],
    ['does not add up to what was sent', { ...answer, conflicts: [] }],
    [
      'would make the device ask the same for ever',
      { ...answer, serverCursor: '0.4', downstream: { ...answer.downstream, hasMore: true } },
    ],
  ])('[ENG-6] what is broken says for a log that the answer %s', (problem, json) => {
    expect(read(json)).toMatchObject({ problem: `the answer ${problem}` })
  })

  it('[ENG-6] the same cursor is no loop where nothing follows, and more pages are none behind another cursor', () => {
    const page = (serverCursor: string, hasMore: boolean) => ({
      ...answer,
      serverCursor,
      downstream: { ...answer.downstream, hasMore },
    })
    expect(read(page('0.4', false))).toMatchObject({ kind: 'result' })
    expect(read(page('0.9', true))).toMatchObject({ kind: 'result' })
  })

  it('[ENG-6] counts of every type have to add up, and so do conflicts with one record', () => {
    const chain = (conflicts: number, observations: number, more: object = {}) => ({
      ...answer,
      acceptedCounts: { ...answer.acceptedCounts, observations, ...more },
      conflicts: Array.from({ length: conflicts }, (_, i) => ({ ...conflict, conflictId: `cnf_${i}` })),
    })
    expect(read(chain(2, 0))).toMatchObject({ kind: 'result' })
    expect(read(chain(0, 2))).toMatchObject({ kind: 'result' })
    expect(read(chain(3, 0))).toMatchObject({ kind: 'broken' })
    expect(read(chain(1, 1, { playbookPatches: 1 }))).toMatchObject({ kind: 'broken' })
    expect(read(chain(1, 1, { recommendations: 0 }))).toMatchObject({ kind: 'broken' })
    // As many as were sent, but of another record.
    const other = { ...conflict, entityId: 'obs_20260211_0009' }
    expect(read({ ...chain(0, 1), conflicts: [other] })).toMatchObject({ kind: 'broken' })
  })
})

describe('a refusal without a known code', () => {
  const error = { code: 'TEAPOT', message: 'no', retryable: true }

  it.each([
    ['no object', 'TEAPOT'],
    ['null', null],
    ['no error', {}],
    ['an error that is null', { error: null }],
    ['a code that is no text', { error: { ...error, code: 5 } }],
    ['nothing about a retry', { error: { code: 'TEAPOT', message: 'no' } }],
    ['a known code in another form', { error: { ...error, code: 'CURSOR_INVALID' } }],
  ])('[ENG-13] is none with %s', (_, json) => {
    expect(readRefusal(json)).toBeUndefined()
  })

  it('[ENG-13] is one with a text for its code and a word about a retry', () => {
    expect(readRefusal({ error: { code: 'TEAPOT', retryable: false } })).toEqual({
      code: null,
      unknownCode: 'TEAPOT',
      message: 'TEAPOT: undefined',
      retryable: false,
      details: {},
    })
  })

  it('[ENG-14] of a proxy that finds the batch too large is final, and says who refused', () => {
    expect(readAnswer(call, { status: 413, body: '' })).toEqual({
      kind: 'refusal',
      refusal: {
        code: 'PAYLOAD_TOO_LARGE',
        message: 'too large for what is before the server',
        retryable: false,
        details: {},
      },
    })
  })
})

describe('what a program learns of a refusal', () => {
  const refusal = { code: 'AUTH_REQUIRED', message: 'no', retryable: false, details: {} } as const
  it.each([
    [{}, { code: 'AUTH_REQUIRED', reason: null, action: null }],
    [
      { details: { reason: 'revoked', action: 're_enrol' } },
      { code: 'AUTH_REQUIRED', reason: 'revoked', action: 're_enrol' },
    ],
    [{ details: { reason: 5, action: {} } }, { code: 'AUTH_REQUIRED', reason: null, action: null }],
    [
      { code: null, unknownCode: 'TEAPOT' },
      { code: 'TEAPOT', reason: null, action: null },
    ],
  ])('[ENG-13, ENG-28] of %j: %j', (more, detail) => {
    expect(refusalDetail({ ...refusal, ...more })).toEqual({ kind: 'refused', ...detail })
  })

  it('[ENG-28] the action is that of the server, else that of a missing credential', () => {
    expect(authAction({ ...refusal, details: { action: 'new_proof' } })).toBe('new_proof')
    expect(authAction({ ...refusal, details: { action: 5 } })).toBe('authenticate')
  })
})
