import { describe, expect, it } from 'vitest'

import type { Refusal } from '../push/read-answer.ts'
import { onRefusal, onSessionRefused } from './on-refusal.ts'
import { type FailedRun, failedRun } from './testing/failed-run.ts'

/** A sync run whose call was refused, or is about to be. */
async function refused(setup: FailedRun = {}) {
  const run = await failedRun(setup)
  const { options, memory, call } = run
  const refuse = (code: Refusal['code'], details: Refusal['details'] = {}, contract?: string) =>
    onRefusal(options, memory, call, {
      code,
      message: 'no',
      retryable: false,
      details,
      ...(contract !== undefined && { contract }),
    })
  return { ...run, refuse }
}

const failed = (code: string | null, more: object = {}) => ({
  event: 'failed',
  code,
  reason: 'no',
  detail: { kind: 'refused', code: code ?? 'UNKNOWN', reason: null, action: null, ...more },
})
const DEFERRED = { event: 'deferred', reason: 'no', retryAfterMs: null }
const issuesAt = (...paths: string[]) => ({ issues: paths.map((path) => ({ path, message: 'is wrong' })) })

describe('a refused call', () => {
  it.each([
    'NOT_FOUND',
    'METHOD_NOT_ALLOWED',
    'UNSUPPORTED_MEDIA_TYPE',
    'ENROLLMENT_INVALID',
    'CONTRACT_UNSUPPORTED',
    'CONFLICT',
    'PLAYBOOK_VERSION_MISMATCH',
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'PLAYBOOK_PATCH_INVALID',
    null,
  ] as const)('[ENG-13] ends the run with an error: %s', async (code) => {
    const { refuse, isStored } = await refused()
    expect(await refuse(code)).toEqual(failed(code))
    expect(isStored()).toBe(true)
  })

  it('[ENG-13] that may be taken later defers the run', async () => {
    const { refuse, isStored } = await refused()
    expect(await refuse('UNAVAILABLE')).toEqual(DEFERRED)
    expect(isStored()).toBe(true)
  })
})

describe('VALIDATION_ERROR', () => {
  it('[ENG-12] quarantines the named records, reports each, and gives the batch up', async () => {
    const { refuse, isStored, events, tables, keys } = await refused()
    expect(await refuse('VALIDATION_ERROR', issuesAt('/upserts/observations/1/status'))).toBe('continue')
    expect(isStored()).toBe(false)
    expect([...tables().outbox.keys()]).toEqual([keys[0]])
    const [conflict] = [...tables().conflicts.values()]
    expect(events).toEqual([
      { kind: 'quarantined', conflict, issues: [{ path: '/status', message: 'is wrong' }] },
    ])
  })

  it('[ENG-12, ENG-18] leaves a batch alone that another tab has replaced', async () => {
    const { refuse, store, stored, tables, isStored } = await refused()
    await store({ snapshot: { ...(stored('snapshot') as object), syncId: 'syn_other' } })
    expect(await refuse('VALIDATION_ERROR', issuesAt('/upserts/observations/1'))).toBe('continue')
    expect([isStored(), tables().conflicts.size]).toEqual([true, 0])
    await store({ snapshot: undefined })
    expect(await refuse('IDEMPOTENCY_CONFLICT')).toBe('continue')
    expect(tables().outbox.size).toBe(2)
  })

  it('[ENG-12] of a cursor starts over from the beginning, and says so', async () => {
    const { refuse, isStored, stored, events } = await refused()
    expect(await refuse('VALIDATION_ERROR', issuesAt('/lastKnownServerCursor'))).toBe('continue')
    expect(isStored()).toBe(false)
    expect(stored('fullPull')).toMatchObject({ reason: 'cursor' })
    expect(events).toEqual([{ kind: 'cursorReset' }])
  })

  it('[ENG-12] of a report drops that, once in a run', async () => {
    const { refuse, store, stored, memory, isStored } = await refused()
    await store({ resolved: [], drift: { noticedAt: '' } })
    const issues = issuesAt('/report/resolved/0', '/report/drift')
    expect(await refuse('VALIDATION_ERROR', issues)).toBe('continue')
    expect([stored('resolved'), stored('drift'), isStored(), memory.reportDropped]).toEqual([
      undefined,
      undefined,
      false,
      true,
    ])
    expect(await refuse('VALIDATION_ERROR', issues)).toMatchObject({ event: 'failed' })
  })

  it.each<[string, object, FailedRun]>([
    ['nothing', issuesAt(), {}],
    ['something else', issuesAt('/device/appVersion'), {}],
    ['something else beside the cursor', issuesAt('/lastKnownServerCursor', '/device'), {}],
    ['something else beside the report', issuesAt('/report/drift', '/device'), {}],
    ['something in another report', issuesAt('/other/report'), {}],
    ['a cursor that there is none of', issuesAt('/lastKnownServerCursor'), { call: { cursor: '' } }],
  ])('[ENG-12] that names %s is an error', async (_, details, setup) => {
    const { refuse, isStored, memory } = await refused(setup)
    expect(await refuse('VALIDATION_ERROR', details as Refusal['details'])).toEqual(
      failed('VALIDATION_ERROR'),
    )
    expect([isStored(), memory.reportDropped]).toEqual([true, false])
  })

  it.each<[string | undefined, string | undefined, string | null]>([
    ['1.5.0', '1.4.0', '1.4.0'],
    ['1.5.0', undefined, '1.3.0'],
    ['1.5.0', '1.5.0', null],
    ['1.5.0', '1.6.0', null],
    [undefined, '1.3.0', null],
    [undefined, '1.2.0', '1.2.0'],
  ])(
    '[ENG-36] of a batch for %s by a server of %s builds it again for %s',
    async (contract, announced, atMost) => {
      const { refuse, memory, isStored, events } = await refused({
        call: contract === undefined ? {} : { contract },
      })
      const outcome = await refuse('VALIDATION_ERROR', issuesAt('/upserts/observations/0'), announced)
      expect(outcome).toBe('continue')
      expect(memory.atMost).toBe(atMost)
      expect(isStored()).toBe(false)
      expect(events).toHaveLength(atMost === null ? 1 : 0)
    },
  )

  it('[ENG-36] alone says that a server is older', async () => {
    const { refuse, memory } = await refused({ call: { contract: '1.5.0' } })
    await refuse('CONFLICT', {}, '1.3.0')
    expect(memory.atMost).toBeNull()
  })

  it('[ENG-31, ENG-36] of an older server is what it speaks from now on', async () => {
    const { refuse, store, stored } = await refused({ call: { contract: '1.5.0' } })
    await store({
      contact: {
        address: '',
        contract: '1.5.0',
        workspaceUid: null,
        workspaceName: null,
        isForeign: false,
        home: null,
      },
    })
    expect(await refuse('VALIDATION_ERROR', {}, '1.4.0')).toBe('continue')
    expect(stored('contact')).toMatchObject({ contract: '1.4.0' })
  })
})

describe('PAYLOAD_TOO_LARGE', () => {
  it('[ENG-14] makes the next batches smaller', async () => {
    const { refuse, stored, isStored } = await refused({ records: 4 })
    expect(await refuse('PAYLOAD_TOO_LARGE')).toBe('continue')
    expect(stored('trial')).toEqual({ records: 2, streak: 0 })
    expect(isStored()).toBe(false)
  })

  it('[ENG-14] of a single record quarantines it', async () => {
    const { refuse, tables, isStored } = await refused({ records: 1 })
    expect(await refuse('PAYLOAD_TOO_LARGE')).toBe('continue')
    expect([...tables().conflicts.values()]).toMatchObject([
      { issues: [{ path: '', message: 'is larger than the server takes' }] },
    ])
    expect(isStored()).toBe(false)
  })

  it('[ENG-14] of a pull is an error', async () => {
    const { refuse } = await refused({ records: 0 })
    expect(await refuse('PAYLOAD_TOO_LARGE')).toEqual(failed('PAYLOAD_TOO_LARGE'))
  })
})

describe('CURSOR_INVALID', () => {
  it('[ENG-15, ENG-31] starts over, asks who the server is, and gives the batch up', async () => {
    const { refuse, memory, stored, isStored, events } = await refused()
    expect(await refuse('CURSOR_INVALID')).toBe('continue')
    expect(memory).toMatchObject({ needsSession: true, resets: 1 })
    expect(stored('fullPull')).toMatchObject({ reason: 'cursor', step: 'pages' })
    expect(isStored()).toBe(false)
    expect(events).toEqual([{ kind: 'cursorReset' }])
  })

  it('[ENG-15] of a pull leaves no batch behind', async () => {
    const { refuse, isStored } = await refused()
    const pull = await refused({ records: 0 })
    expect(await pull.refuse('CURSOR_INVALID')).toBe('continue')
    expect(pull.stored('fullPull')).toBeDefined()
    expect([isStored(), await refuse('CURSOR_INVALID'), isStored()]).toEqual([true, 'continue', false])
  })

  it.each<[string, FailedRun]>([
    ['without one', { call: { cursor: '' } }],
    ['for the third time in a run', { memory: { resets: 2 } }],
  ])('[ENG-15] %s defers the run', async (_, setup) => {
    const { refuse, stored, memory } = await refused(setup)
    expect(await refuse('CURSOR_INVALID')).toEqual(DEFERRED)
    expect(stored('fullPull')).toBeUndefined()
    expect(memory.needsSession).toBe(true)
  })

  it('[ENG-22] while the store has to prove itself says that it is not this workspace’s', async () => {
    const { refuse, stored } = await refused({ memory: { proving: true } })
    expect(await refuse('CURSOR_INVALID')).toMatchObject({
      event: 'failed',
      reason: 'The server does not recognize this store.',
    })
    expect(stored('fullPull')).toBeUndefined()
  })
})

describe('IDEMPOTENCY_CONFLICT', () => {
  it.each([0, 1, 2])(
    '[ENG-29] gives the batch up, and pulls before it is sent again: after %i others',
    async (rebindings) => {
      const { refuse, memory, isStored } = await refused({ memory: { rebindings } })
      expect(await refuse('IDEMPOTENCY_CONFLICT')).toBe('continue')
      expect(memory).toMatchObject({ pull: true, pullBeforePush: true, rebindings: rebindings + 1 })
      expect(isStored()).toBe(false)
    },
  )

  it('[ENG-29] for the fourth time in a run defers it', async () => {
    const { refuse, memory, isStored } = await refused({ memory: { rebindings: 3 } })
    expect(await refuse('IDEMPOTENCY_CONFLICT')).toEqual(DEFERRED)
    expect([memory.pull, isStored()]).toEqual([false, true])
  })
})

describe('AUTH_REQUIRED', () => {
  const required = (action = 'new_token') => ({
    event: 'auth_required',
    action,
    reason: 'no',
    detail: { kind: 'refused', code: 'AUTH_REQUIRED', reason: null, action },
  })

  it.each([
    ['new_token', true],
    ['authenticate', true],
    ['retry_with_nonce', false],
    ['new_proof', false],
    ['sync_clock', false],
  ])(
    '[ENG-28, ENG-31] is carried out, once in a run: after %s a session is asked for: %s',
    async (action, needsSession) => {
      const asked: string[] = []
      const { refuse, memory } = await refused({ renew: async (each) => asked.push(each) > 0 })
      expect(await refuse('AUTH_REQUIRED', { action })).toBe('continue')
      expect(memory.needsSession).toBe(needsSession)
      expect(await refuse('AUTH_REQUIRED', { action })).toEqual(required(action))
      expect(asked).toEqual([action])
    },
  )

  it('[ENG-31] asks for the session that was due before', async () => {
    const { refuse, memory } = await refused({
      renew: () => Promise.resolve(true),
      memory: { needsSession: true },
    })
    await refuse('AUTH_REQUIRED', { action: 'new_proof' })
    expect(memory.needsSession).toBe(true)
  })

  it.each([
    [5, true],
    [6, false],
  ])('[ENG-28] after %i other actions is carried out: %s', async (count, isCarriedOut) => {
    const renewed = new Set(Array.from({ length: count }, (_, i) => `action ${i}`))
    const { refuse } = await refused({ renew: () => Promise.resolve(true), memory: { renewed } })
    const outcome = await refuse('AUTH_REQUIRED', { action: 'new_token' })
    expect(outcome).toEqual(isCarriedOut ? 'continue' : required())
  })

  it('[ENG-28] is left to a person by a program without credentials, or whose credentials leave it', async () => {
    expect(await (await refused()).refuse('AUTH_REQUIRED', { action: 'new_token' })).toEqual(required())
    const { refuse, memory } = await refused({ renew: () => Promise.resolve(false) })
    expect(await refuse('AUTH_REQUIRED', { action: 'new_token' })).toEqual(required())
    expect(memory.needsSession).toBe(false)
  })

  it.each<[string, object, object]>([
    ['for now', {}, { event: 'deferred', reason: 'why', retryAfterMs: null, progressed: true }],
    [
      'for a while',
      { kind: 'busy', retryAfterMs: 50 },
      { event: 'deferred', reason: 'why', retryAfterMs: 50, progressed: true },
    ],
    [
      'at an address that redirects',
      { kind: 'redirected', address: 'https://new.example' },
      {
        event: 'failed',
        code: null,
        reason: 'why',
        detail: { kind: 'redirected', address: 'https://new.example' },
      },
    ],
    [
      'since another action is required',
      { code: 'AUTH_REQUIRED', details: { action: 'wait' } },
      { event: 'auth_required', action: 'wait', reason: 'why' },
    ],
  ])('[ENG-28] that cannot be carried out %s refuses nothing', async (_, members, outcome) => {
    const { refuse } = await refused({
      renew: () => Promise.reject(Object.assign(new Error('why'), members)),
      memory: { progressed: true },
    })
    expect(await refuse('AUTH_REQUIRED', { action: 'new_token' })).toMatchObject(outcome)
  })
})

describe('FORBIDDEN', () => {
  it.each(['device_mismatch', 'credential_mismatch'])(
    '[ENG-28] for %s waits for another credential',
    async (reason) => {
      const { refuse, isStored } = await refused()
      expect(await refuse('FORBIDDEN', { reason })).toMatchObject({
        event: 'auth_required',
        action: null,
        detail: { reason },
      })
      expect(isStored()).toBe(true)
    },
  )

  it('[ENG-28] for a role goes on to pull, and ends with the error', async () => {
    const { refuse, memory, isStored } = await refused()
    expect(await refuse('FORBIDDEN', { reason: 'role' })).toBe('continue')
    expect(memory).toMatchObject({ pull: true, forbidden: failed('FORBIDDEN', { reason: 'role' }) })
    expect(isStored()).toBe(false)
  })

  it('[ENG-28] for a pull is an error at once', async () => {
    const { refuse, memory } = await refused({ records: 0 })
    expect(await refuse('FORBIDDEN', { reason: 'role' })).toEqual(failed('FORBIDDEN', { reason: 'role' }))
    expect(memory.forbidden).toBeNull()
  })
})

describe('a refused session', () => {
  it.each<[Refusal['code'], object | string]>([
    ['AUTH_REQUIRED', 'continue'],
    ['FORBIDDEN', { event: 'auth_required', action: null, reason: 'no', detail: { code: 'FORBIDDEN' } }],
    ['NOT_FOUND', failed('NOT_FOUND')],
    [null, failed(null)],
  ])('[ENG-28, ENG-31] with %s comes to %j', async (code, outcome) => {
    const { options, memory } = await refused({ renew: () => Promise.resolve(true) })
    const ended = await onSessionRefused(options, memory, {
      code,
      message: 'no',
      retryable: false,
      details: {},
    })
    if (typeof outcome === 'string') expect(ended).toBe(outcome)
    else expect(ended).toMatchObject(outcome)
  })
})
