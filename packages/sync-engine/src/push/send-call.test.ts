import { SyncId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { Call } from '../core/in-flight-batch.ts'
import type { BatchAnswer, BatchCall } from '../core/ports.ts'
import { testContext } from '../testing/test-context.ts'
import type { Refusal } from './read-answer.ts'
import { isTemporary, retryAfterOf, sendCall, withoutAnswer } from './send-call.ts'

const PULL: Call = {
  syncId: SyncId.parse('syn_1'),
  body: '{}',
  cursor: '0.4',
  page: 1,
  reported: { resolved: 0, drift: false },
  entries: [],
}
const withRecords = (count: number): Call => ({
  ...PULL,
  entries: Array.from({ length: count }, (_, i) => ({ key: `${i}`, type: 'observation', id: `${i}` })),
})
const refusal = (code: string, retryable = true): BatchAnswer => ({
  status: 500,
  body: JSON.stringify({
    error: { code, message: `${code} it is`, retryable, traceId: '0' },
    requestId: 'r',
    timestamp: '2026-02-11T18:00:00Z',
  }),
})
const ANSWER: BatchAnswer = {
  status: 200,
  body: JSON.stringify({
    syncId: 'syn_1',
    acceptedAt: '2026-02-11T18:00:00Z',
    serverCursor: '0.9',
    acceptedCounts: { observations: 0, recommendations: 0, playbookPatches: 0 },
    conflicts: [],
    downstream: {
      playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: '2026-02-11T12:00:00Z' },
      observations: [],
      recommendations: [],
      hasMore: false,
    },
  }),
}
const timeout = Object.assign(new Error('too long'), { kind: 'timeout' })

type Step = BatchAnswer | Error | ((call: BatchCall) => BatchAnswer)

/** Sends a call to a transport that answers with these, one after the other. */
async function sent(call: Call, steps: Step[], { attempts = 3, uncompressed = [] as boolean[] } = {}) {
  const { context, waits } = await testContext({ settings: { pageRecords: 1 } })
  const heard: { calls: BatchCall[]; pauses: [number, string][]; attempts: number[]; found: number } = {
    calls: [],
    pauses: [],
    attempts: [],
    found: 0,
  }
  const signal = new AbortController()
  const outcome = await sendCall(
    {
      transport: {
        address: 'https://sync.test',
        session: () => Promise.reject(new Error('not asked')),
        syncBatch: async (each) => {
          heard.calls.push(each)
          const step = steps.shift()
          if (step === undefined) throw new Error('not expected')
          if (step instanceof Error) throw step
          return typeof step === 'function' ? step(each) : step
        },
      },
      clock: context.clock,
      random: { next: () => 0.5 },
      settings: context.settings,
    },
    call,
    signal.signal,
    {
      attempts,
      uncompressed: () => uncompressed[heard.calls.length] ?? false,
      onSend: (attempt) => heard.attempts.push(attempt),
      onHandedOver: () => undefined,
      onUncompressed: async () => {
        heard.found += 1
      },
      onRetryAfter: (milliseconds, problem) => heard.pauses.push([milliseconds, problem]),
    },
  )
  return { outcome, waits, ...heard }
}

describe('a call', () => {
  it('[ENG-6] goes out with its key and bytes, once where it is answered', async () => {
    const { outcome, calls, waits, attempts } = await sent(PULL, [ANSWER])
    expect(outcome).toMatchObject({ kind: 'result', recovered: false })
    expect(calls).toMatchObject([{ idempotencyKey: 'syn_1', body: '{}', uncompressed: false }])
    expect([waits, attempts]).toEqual([[], [0]])
  })

  it('[ENG-6] is sent again with the same bytes, behind waits that double', async () => {
    const { outcome, calls, waits, attempts } = await sent(PULL, [new Error('cut'), new Error('cut'), ANSWER])
    expect(outcome).toMatchObject({ kind: 'result', recovered: false })
    expect(new Set(calls.map(({ idempotencyKey, body }) => idempotencyKey + body)).size).toBe(1)
    expect([waits, attempts]).toEqual([
      [500, 1_000],
      [0, 1, 2],
    ])
  })

  it.each([1, 2])('[ENG-6] is given up after %i attempts where those are all it has', async (attempts) => {
    const { outcome, calls } = await sent(
      PULL,
      Array.from({ length: attempts }, () => new Error('cut')),
      { attempts },
    )
    expect(outcome).toEqual({
      kind: 'unanswered',
      problem: 'cut',
      cause: 'transfer',
      retryAfterMs: null,
      timedOut: false,
      recovered: false,
    })
    expect(calls).toHaveLength(attempts)
  })

  it.each<[string, Step, boolean]>([
    ['the server failed on', refusal('INTERNAL_ERROR'), true],
    ['something on the way rejected', { status: 403, body: '' }, true],
    ['was cut', new Error('cut'), false],
    ['the server had no time for', refusal('RATE_LIMITED'), false],
    ['took the server too long', refusal('UNAVAILABLE'), false],
  ])('[ENG-52] remembers that the same bytes are taken which %s', async (_, step, recovered) => {
    expect((await sent(PULL, [step, new Error('cut'), ANSWER])).outcome).toMatchObject({
      kind: 'result',
      recovered,
    })
  })

  it.each([
    ['UNAVAILABLE', 'transfer'],
    ['INTERNAL_ERROR', 'server'],
    ['RATE_LIMITED', 'busy'],
    ['TEAPOT', 'busy'],
  ])('[ENG-13, ENG-49] that %s refuses for now has no answer for the cause %s', async (code, cause) => {
    const { outcome } = await sent(PULL, [refusal(code)], { attempts: 1 })
    expect(outcome).toMatchObject({ kind: 'unanswered', cause, problem: expect.stringContaining(code) })
  })

  it.each(['CURSOR_INVALID', 'AUTH_REQUIRED'])(
    '[ENG-13] that %s refuses for good is not sent again',
    async (code) => {
      const { outcome, calls } = await sent(PULL, [refusal(code)])
      expect(outcome).toMatchObject({ kind: 'refusal', refusal: { code } })
      expect(calls).toHaveLength(1)
    },
  )

  it('[ENG-6, ENG-27] waits as long as the server asks for, besides what is drawn, and reports each pause', async () => {
    const busy = { ...refusal('RATE_LIMITED'), retryAfterMs: 7_000 }
    const { waits, pauses } = await sent(PULL, [busy, { ...busy, retryAfterMs: 0 }, ANSWER])
    expect(waits).toEqual([7_500, 1_000])
    expect(pauses).toEqual([[7_000, 'RATE_LIMITED it is']])
  })

  it.each([
    [30_000, 2],
    [30_001, 1],
  ])(
    '[ENG-27] of which a server asks for a pause of %i ms is sent %i times in this run',
    async (retryAfterMs, count) => {
      const busy = { ...refusal('UNAVAILABLE'), retryAfterMs }
      const { calls, outcome } = await sent(PULL, [busy, new Error('cut')], { attempts: 2 })
      expect(calls).toHaveLength(count)
      expect(outcome).toMatchObject(count === 1 ? { retryAfterMs } : { problem: 'cut' })
    },
  )

  it.each<[string, Call, number]>([
    ['two records', withRecords(2), 1],
    ['one record, and a page', { ...withRecords(1), page: 2 }, 1],
    ['one record, and the smallest page', withRecords(1), 3],
    ['a page', { ...PULL, page: 2 }, 1],
    ['the smallest page', PULL, 3],
  ])('[ENG-6] that timed out with %s is sent so often', async (_, call, count) => {
    const { outcome, calls } = await sent(call, [timeout, timeout, timeout])
    expect(calls).toHaveLength(count)
    expect(outcome).toMatchObject({ kind: 'unanswered', timedOut: true, problem: 'too long' })
  })

  it('[ENG-6] of an earlier version that timed out asks for a page as the program does', async () => {
    const { page: _page, ...earlier } = withRecords(1)
    expect((await sent(earlier, [timeout, timeout, timeout])).calls).toHaveLength(3)
  })

  it.each([
    [0, true],
    [1, true],
    [2, false],
  ])('[ENG-53] with %i records says whether it cannot be made smaller: %s', async (count, indivisible) => {
    expect((await sent(withRecords(count), [new Error('cut')], { attempts: 1 })).calls).toMatchObject([
      { indivisible },
    ])
  })

  it('[HDR-6] that got through uncompressed alone is reported, unless that was known', async () => {
    const uncompressed = { ...ANSWER, uncompressed: true }
    expect(await sent(PULL, [uncompressed])).toMatchObject({ found: 1 })
    expect(await sent(PULL, [ANSWER])).toMatchObject({ found: 0 })
    const known = await sent(PULL, [new Error('cut'), uncompressed], { uncompressed: [false, true] })
    expect(known).toMatchObject({ found: 0, calls: [{ uncompressed: false }, { uncompressed: true }] })
  })

  it('[ENG-21] ends with its signal, though an answer came', async () => {
    const { context } = await testContext()
    const stop = new AbortController()
    const why = new Error('stopped')
    const sending = sendCall(
      {
        transport: {
          address: '',
          session: () => Promise.reject(new Error('not asked')),
          syncBatch: () => {
            queueMicrotask(() => stop.abort(why))
            return Promise.resolve(ANSWER)
          },
        },
        clock: context.clock,
        random: { next: () => 0 },
        settings: context.settings,
      },
      PULL,
      stop.signal,
      {
        attempts: 1,
        uncompressed: () => false,
        onSend: () => undefined,
        onHandedOver: () => undefined,
        onUncompressed: () => Promise.resolve(),
        onRetryAfter: () => undefined,
      },
    )
    await expect(sending).rejects.toBe(why)
  })
})

describe('an error of a transport', () => {
  const { signal } = new AbortController()
  const unanswered = {
    kind: 'unanswered',
    cause: 'transfer',
    problem: 'why',
    retryAfterMs: null,
    timedOut: false,
  }
  const refused = { code: 'AUTH_REQUIRED', message: 'why', retryable: false, details: {} }
  it.each<[object, object]>([
    [{}, unanswered],
    [{ kind: 'timeout' }, { ...unanswered, timedOut: true }],
    [{ kind: 'other' }, unanswered],
    [{ kind: 'busy' }, { ...unanswered, cause: 'busy' }],
    [
      { kind: 'busy', retryAfterMs: 50 },
      { ...unanswered, cause: 'busy', retryAfterMs: 50 },
    ],
    [
      { kind: 'busy', retryAfterMs: -50 },
      { ...unanswered, cause: 'busy', retryAfterMs: 0 },
    ],
    [
      { kind: 'busy', retryAfterMs: 1e12 },
      { ...unanswered, cause: 'busy', retryAfterMs: 3_600_000 },
    ],
    [
      { kind: 'busy', retryAfterMs: '50' },
      { ...unanswered, cause: 'busy' },
    ],
    [
      { kind: 'redirected', address: 'https://new.example' },
      { kind: 'redirected', problem: 'why', address: 'https://new.example' },
    ],
    [
      { kind: 'redirected', address: 5 },
      { kind: 'redirected', problem: 'why', address: null },
    ],
    [{ code: 'AUTH_REQUIRED' }, { kind: 'refusal', refusal: refused }],
    [
      { code: 'AUTH_REQUIRED', kind: 'redirected', details: { action: 'wait' } },
      { kind: 'refusal', refusal: { ...refused, details: { action: 'wait' } } },
    ],
    [{ code: 'FORBIDDEN' }, unanswered],
  ])('[ENG-6, ENG-28, ENG-54] with %j means %j', (members, outcome) => {
    expect(withoutAnswer(Object.assign(new Error('why'), members), signal)).toEqual(outcome)
  })

  it('[ENG-6] that is no error has a problem to show all the same', () => {
    expect(withoutAnswer('cut', signal)).toEqual({ ...unanswered, problem: 'no answer came' })
  })

  it('[ENG-21] is the end of the call where that was given up', () => {
    expect(() => withoutAnswer(new Error('why'), AbortSignal.abort(new Error('stopped')))).toThrow('stopped')
  })
})

describe('a pause', () => {
  it.each([
    [undefined, null],
    [0, 0],
    [5, 5],
    [-5, 0],
    [3_600_001, 3_600_000],
  ])('[ENG-27] of %s ms is %s', (retryAfterMs, expected) => {
    const answer = { status: 503, body: '', ...(retryAfterMs !== undefined && { retryAfterMs }) }
    expect(retryAfterOf(answer)).toBe(expected)
  })

  it.each<[Refusal['code'], boolean, boolean]>([
    ['UNAVAILABLE', false, true],
    ['CURSOR_INVALID', true, false],
    [null, true, true],
    [null, false, false],
  ])('[ENG-13] helps with %s, which calls itself retryable %s: %s', (code, retryable, expected) => {
    expect(isTemporary({ code, message: '', retryable, details: {} })).toBe(expected)
  })
})
