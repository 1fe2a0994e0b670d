import { SyncBatchResponse } from '@fieldsync/contracts'
import {
  device,
  observation,
  type SeededRandom,
  seededRandom,
  syncBatch,
  type SyncBatchInput,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { noGaps } from '../invariants/answer-guarantees.ts'
import { serverGuarantees } from '../invariants/server-guarantees.ts'
import { faultPlan, PlannedFaults } from '../link/fault-plan.ts'
import { FaultyLink, NoAnswer } from '../link/faulty-link.ts'
import { ModelServer } from '../model/model-server.ts'
import type { ServerCall } from '../server-call.ts'
import { runUntil, VirtualClock } from '../time/virtual-clock.ts'
import { worldFault } from './world-fault.ts'

const TIMEOUT = 10_000
const PHONES = ['dev_1', 'dev_2', 'dev_3']
const NOTES = 8

/** Phones that send each note until it is acknowledged, over bad links to a server that dies at times. */
async function season(seed: number) {
  const rng = seededRandom(seed)
  const clock = new VirtualClock(rng, Date.parse('2026-02-12T08:00:00Z'))
  const model = new ModelServer({ clock })
  model.createWorkspace('ws')
  let executed = 0
  const server = (call: ServerCall) => {
    if (rng.int(1, 12) === 1) model.restart()
    const answer = model.syncBatch(call)
    if (answer.status === 200 && answer.headers['idempotency-replayed'] === undefined) executed++
    if (rng.int(1, 12) === 1) throw new NoAnswer()
    return answer
  }
  const linkOf = (token: string, share: number) => {
    const faults = new PlannedFaults(faultPlan(rng, { calls: 200, share, timeout: TIMEOUT }))
    return new FaultyLink({
      clock,
      server,
      token: () => token,
      nextFault: () => faults.next(),
      latency: 40,
      timeout: TIMEOUT,
    })
  }
  const send = async (link: FaultyLink, batch: SyncBatchInput): Promise<SyncBatchResponse> => {
    for (;;) {
      const { signal } = new AbortController()
      const call = { idempotencyKey: batch.syncId, body: JSON.stringify(batch), signal }
      const answer = await link.syncBatch(call).catch(() => undefined)
      const read = answer?.status === 200 ? whole(answer.body) : undefined
      if (read) return read
      await new Promise<void>((resolve) => void clock.after(answer?.retryAfterMs ?? 1000, resolve))
    }
  }
  const phone = async (deviceId: string): Promise<void> => {
    model.createDevice({ workspaceId: 'ws', deviceId, role: 'scout', token: deviceId })
    const link = linkOf(deviceId, 0.5)
    for (let i = 0; i < NOTES; i++) {
      const observations = [observation({ deviceId }, rng)]
      const { acceptedCounts } = await send(
        link,
        syncBatch({ device: device({ deviceId }), observations }, rng),
      )
      expect(acceptedCounts.observations).toBe(1)
    }
  }
  const noting = Promise.all(PHONES.map((each) => phone(each)))
  await finished(clock, noting)

  const reader = linkOf(PHONES[0] ?? '', 0)
  const pages: SyncBatchResponse[] = []
  const reading = async () => {
    do {
      const lastKnownServerCursor = pages.at(-1)?.serverCursor ?? ''
      const pull = syncBatch(
        { device: device({ deviceId: PHONES[0] ?? '' }), lastKnownServerCursor, maxDownstream: 5 },
        rng,
      )
      pages.push(await send(reader, pull))
    } while (pages.at(-1)?.downstream.hasMore)
  }
  await finished(clock, reading())
  return { state: model.state('ws'), pages, executed }
}

async function finished(clock: VirtualClock, work: Promise<unknown>): Promise<void> {
  let done = false
  const working = work.finally(() => (done = true))
  await runUntil(clock, () => done, 24 * 60 * 60_000)
  await working
}

function whole(body: string): SyncBatchResponse | undefined {
  try {
    return SyncBatchResponse.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}

describe('calls over faulty links', () => {
  it.each([1, 2, 3, 4, 5])(
    '[GUA-1, GUA-2, GUA-3, IDM-2] are carried out once each, however often they come (seed %i)',
    async (seed) => {
      const { state, pages } = await season(seed)
      expect(state.observations.size).toBe(PHONES.length * NOTES)
      expect(state.audit.filter(({ act }) => act === 'sync.batch')).toHaveLength(PHONES.length * NOTES)
      expect([...serverGuarantees(state), ...noGaps(pages, state)]).toEqual([])
    },
  )

  it('happen the same way every time for their seed', async () => {
    const [one, again] = [await season(6), await season(6)]
    expect(again.state).toEqual(one.state)
    expect(again.executed).toBe(one.executed)
  })
})

it('worldFault comes to everything that can happen, and depends on its seed alone', () => {
  const some = (rng: SeededRandom) => Array.from({ length: 200 }, () => worldFault(rng, PHONES))
  const faults = some(seededRandom(1))
  expect(some(seededRandom(1))).toEqual(faults)
  expect(JSON.parse(JSON.stringify(faults))).toEqual(faults)
  expect(new Set(faults.map((fault) => fault.do)).size).toBe(7)
})
