import { type LinkFault, NoAnswer, VirtualClock } from '@fieldsync/simulator'
import type { BatchAnswer } from '@fieldsync/sync-engine'
import { seededRandom } from '@fieldsync/testkit'
import { afterAll, beforeEach, expect, it } from 'vitest'

import { FaultProxy, type Upstream } from './testing/fault-proxy.ts'
import { RealWork } from './testing/real-work.ts'

const LATENCY = 50
const TIMEOUT = 1_000
// Large enough to be compressed when sent, and cut off when received.
const BODY = JSON.stringify({ note: 'x'.repeat(3_000) })

const work = new RealWork()
const proxy = await FaultProxy.start(work)
afterAll(() => proxy[Symbol.asyncDispose]())

let clock: VirtualClock
let arrived: { at: number; token: string | undefined; text: string }[]

beforeEach(() => {
  clock = new VirtualClock(seededRandom(1), 0)
  arrived = []
})

const echo: Upstream = (token, { text }) => {
  arrived.push({ at: clock.now(), token, text })
  return Promise.resolve({ status: 200, headers: {}, body: text })
}

type Outcome = { at: number; answer: BatchAnswer | 'none' }

/** One call over the proxy, without a time limit. */
async function send(fault?: LinkFault, upstream = echo): Promise<Outcome | undefined> {
  const faults = [fault]
  const transport = proxy.connect(
    { clock, token: () => 'token', nextFault: () => faults.shift(), latency: LATENCY, timeout: TIMEOUT },
    upstream,
  )
  let outcome: Outcome | undefined
  const { signal } = new AbortController()
  transport.syncBatch({ idempotencyKey: 'key', body: BODY, signal }).then(
    (answer) => (outcome = { at: clock.now(), answer }),
    () => (outcome = { at: clock.now(), answer: 'none' }),
  )
  await work.settled()
  while (clock.step()) await work.settled()
  return outcome
}

const ANSWERED = { at: 2 * LATENCY, answer: { status: 200, body: BODY } }
const TIMED_OUT = { at: TIMEOUT, answer: 'none' }

it.each<[string, LinkFault | undefined, unknown, number[]]>([
  ['as it is without a fault', undefined, ANSWERED, [50]],
  ['to nobody when the request is lost', { kind: 'lost_request' }, TIMED_OUT, []],
  ['there, and nothing back, when the answer is lost', { kind: 'lost_answer' }, TIMED_OUT, [50]],
  ['twice', { kind: 'duplicated', later: 300 }, ANSWERED, [50, 350]],
  ['slowly', { kind: 'delayed', request: 200, answer: 100 }, { ...ANSWERED, at: 400 }, [250]],
  ['too slowly', { kind: 'delayed', request: 1_500, answer: 0 }, TIMED_OUT, [1_550]],
  [
    'not at all when something in between refuses it',
    { kind: 'refused', code: 'RATE_LIMITED', retryAfterSeconds: 20 },
    { at: 100, answer: { status: 429, retryAfterMs: 20_000 } },
    [],
  ],
])('a proxy brings a call %s', async (_name, fault, outcome, arrivals) => {
  expect(await send(fault)).toMatchObject(outcome as object)
  expect(arrived.map(({ at }) => at)).toEqual(arrivals)
  expect(arrived.every(({ token, text }) => token === 'token' && text === BODY)).toBe(true)
})

it('a proxy cuts an answer: it claims to be whole, or ends in the middle', async () => {
  const even = Math.floor(BODY.length / 4) * 2
  const claimed = await send({ kind: 'truncated', share: even / BODY.length })
  expect(claimed).toEqual({
    at: 100,
    answer: { status: 200, body: BODY.slice(0, even), uncompressed: false },
  })
  const broken = await send({ kind: 'truncated', share: (even + 1.5) / BODY.length })
  expect(broken).toMatchObject({ answer: 'none' })
  expect(clock.now()).toBeGreaterThanOrEqual(100)
  expect(arrived).toHaveLength(2)
})

it('a proxy resets the connection to a server that dies over the call', async () => {
  expect(await send(undefined, () => Promise.reject(new NoAnswer()))).toEqual({ at: LATENCY, answer: 'none' })
})
