import type { BatchAnswer } from '@fieldsync/sync-engine'
import { seededRandom } from '@fieldsync/testkit'
import { beforeEach, describe, expect, it } from 'vitest'

import type { ServerAnswer, ServerCall } from '../server-call.ts'
import { settled, VirtualClock } from '../time/virtual-clock.ts'
import { faultPlan, PlannedFaults } from './fault-plan.ts'
import { FaultyLink, NoAnswer } from './faulty-link.ts'
import type { LinkFault } from './link-fault.ts'

const LATENCY = 50
const TIMEOUT = 1000

let clock: VirtualClock
let arrived: { at: number; body: string }[]

beforeEach(() => {
  clock = new VirtualClock(seededRandom(1), 0)
  arrived = []
})

type Outcome = { at: number } & ({ answer: BatchAnswer } | { error: string })

function send(
  body: string,
  fault?: LinkFault,
  server = echo,
  bytesPerSecond = Infinity,
): { outcome: Outcome[]; abort: () => void } {
  const faults = [fault]
  const link = new FaultyLink({
    clock,
    server,
    token: () => 'token',
    nextFault: () => faults.shift(),
    latency: LATENCY,
    timeout: TIMEOUT,
    bytesPerSecond: () => bytesPerSecond,
  })
  const outcome: Outcome[] = []
  const aborting = new AbortController()
  link.syncBatch({ idempotencyKey: 'key', body, signal: aborting.signal }).then(
    (answer) => outcome.push({ at: clock.now(), answer }),
    (error: unknown) => outcome.push({ at: clock.now(), error: error instanceof Error ? error.message : '' }),
  )
  return { outcome, abort: () => aborting.abort() }
}

function echo({ body }: ServerCall): ServerAnswer {
  arrived.push({ at: clock.now(), body })
  return { status: 200, headers: {}, body: `answer to ${body}` }
}

async function runAll(): Promise<void> {
  await settled()
  while (clock.step()) await settled()
}

const ANSWERED = { at: 2 * LATENCY, answer: { status: 200, body: 'answer to a' } }
const TIMED_OUT = { at: TIMEOUT, error: 'no answer in time' }

describe('a link', () => {
  it.each<[string, LinkFault | undefined, Outcome, number[]]>([
    ['without a fault', undefined, ANSWERED, [50]],
    ['that loses the request', { kind: 'lost_request' }, TIMED_OUT, []],
    ['that loses the answer', { kind: 'lost_answer' }, TIMED_OUT, [50]],
    ['that brings it twice', { kind: 'duplicated', later: 300 }, ANSWERED, [50, 350]],
    ['that is slow', { kind: 'delayed', request: 200, answer: 100 }, { ...ANSWERED, at: 400 }, [250]],
    ['that is too slow', { kind: 'delayed', request: 1500, answer: 0 }, TIMED_OUT, [1550]],
    [
      'that cuts the answer',
      { kind: 'truncated', share: 0.5 },
      { at: 100, answer: { status: 200, body: 'answe' } },
      [50],
    ],
  ])('%s', async (_name, fault, expected, arrivals) => {
    const { outcome } = send('a', fault)
    await runAll()
    expect(outcome).toEqual([expected])
    expect(arrived.map(({ at }) => at)).toEqual(arrivals)
  })

  it('lets a later call come before an earlier one', async () => {
    send('first', { kind: 'delayed', request: 300, answer: 0 })
    send('second')
    await runAll()
    expect(arrived.map(({ body }) => body)).toEqual(['second', 'first'])
  })

  it('[ERR-1, ERR-18] refuses with an envelope of its own, and the server sees nothing', async () => {
    const { outcome } = send('a', { kind: 'refused', code: 'RATE_LIMITED', retryAfterSeconds: 20 })
    const expired = send('b', { kind: 'refused', code: 'AUTH_REQUIRED' })
    await runAll()
    expect(outcome).toMatchObject([{ answer: { status: 429, retryAfterMs: 20_000 } }])
    expect(expired.outcome).toMatchObject([
      { answer: { status: 401, body: expect.stringContaining('"action":"new_token"') as string } },
    ])
    expect(arrived).toEqual([])
  })

  it('gives no answer when the server dies over the call', async () => {
    const { outcome } = send('a', undefined, () => {
      throw new NoAnswer()
    })
    await runAll()
    expect(outcome).toEqual([TIMED_OUT])
  })

  it('that is narrow takes time by the byte, each way, and is cut at its time limit', async () => {
    const short = send('a'.repeat(100), undefined, echo, 1_000)
    const long = send('a'.repeat(500), undefined, echo, 1_000)
    await runAll()
    // 100 bytes there, and 110 back.
    expect(short.outcome).toMatchObject([{ at: 2 * LATENCY + 210, answer: { status: 200 } }])
    expect(long.outcome).toEqual([TIMED_OUT])
    expect(arrived.map(({ at }) => at)).toEqual([150, 550])
  })

  it.each([200, 403, 415, 511] as const)(
    'with a portal in between answers %i with a page, and the server sees nothing',
    async (status) => {
      const { outcome } = send('a', { kind: 'intercepted', status })
      await runAll()
      expect(outcome).toMatchObject([
        { at: 2 * LATENCY, answer: { status, body: expect.stringContaining('<html>') as string } },
      ])
      expect(arrived).toEqual([])
    },
  )

  it('whose address redirects says so at once, and is not followed', async () => {
    const { outcome } = send('a', { kind: 'redirected' })
    await runAll()
    expect(outcome).toEqual([{ at: LATENCY, error: 'the address redirects' }])
    expect(arrived).toEqual([])
  })

  it('is done with a call that is aborted, which arrives all the same', async () => {
    const { outcome, abort } = send('a')
    abort()
    await runAll()
    expect(outcome).toEqual([{ at: 0, error: 'aborted' }])
    expect(arrived).toHaveLength(1)
  })
})

describe('a fault plan', () => {
  it('depends on its seed, has about the wanted share of faults, and all kinds of them', () => {
    const plan = (seed: number) => faultPlan(seededRandom(seed), { calls: 500, share: 0.4, timeout: TIMEOUT })
    expect(plan(1)).toEqual(plan(1))
    expect(plan(1)).not.toEqual(plan(2))
    expect(JSON.parse(JSON.stringify(plan(1)))).toEqual(plan(1))
    const faults = plan(1).filter((fault) => fault !== null)
    expect(faults.length).toBeGreaterThan(150)
    expect(faults.length).toBeLessThan(320)
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(6)
  })

  it('has what lies between device and server only where it is asked for', () => {
    const plan = faultPlan(seededRandom(1), { calls: 500, share: 1, timeout: TIMEOUT, between: true })
    expect(new Set(plan.map((fault) => fault?.kind)).size).toBe(8)
  })

  it('is followed call by call, until it ends or is healed', () => {
    const faults = new PlannedFaults([
      { kind: 'lost_answer' },
      null,
      { kind: 'lost_request' },
      { kind: 'lost_request' },
    ])
    expect([faults.next(), faults.next(), faults.next()]).toEqual([
      { kind: 'lost_answer' },
      undefined,
      { kind: 'lost_request' },
    ])
    faults.heal()
    expect([faults.next(), faults.next()]).toEqual([undefined, undefined])
  })
})
