import { Device, SyncBatchRequest, type SyncBatchResponse } from '@fieldsync/contracts'
import { device, observation, seededRandom } from '@fieldsync/testkit'
import { onTestFinished } from 'vitest'

import type { EngineEvent } from '../../core/engine-events.ts'
import type { SyncEngineOptions } from '../../core/engine-options.ts'
import type { BatchAnswer, BatchCall, Clock } from '../../core/ports.ts'
import { MemoryDisk, openMemoryStore } from '../../stores/memory/memory-store.ts'
import { START } from '../../testing/documents.ts'
import { DEVICE, testContext } from '../../testing/test-context.ts'
import { createSyncEngine } from '../create-sync-engine.ts'

/** Time that a test moves: timers go off in their order. */
function handClock() {
  const timers = new Map<number, { due: number; callback: () => void }>()
  let [now, id] = [START, 0]
  const clock: Clock = {
    now: () => now,
    after: (milliseconds, callback) => {
      const own = ++id
      timers.set(own, { due: now + milliseconds, callback })
      return () => void timers.delete(own)
    },
  }
  const turns = async () => {
    for (let turn = 0; turn < 300; turn++) await Promise.resolve()
  }
  /** Lets what needs no time run to its end, then time pass. */
  const pass = async (milliseconds: number) => {
    const end = now + milliseconds
    await turns()
    for (;;) {
      const [first] = [...timers]
        .filter(([, { due }]) => due <= end)
        .toSorted(([, a], [, b]) => a.due - b.due)
      if (!first) break
      timers.delete(first[0])
      now = Math.max(now, first[1].due)
      first[1].callback()
      await turns()
    }
    now = end
    await turns()
  }
  const set = (time: number) => {
    now = time
  }
  return { clock, pass, turns, set, timers }
}

/** An answer that takes everything. */
export function accepted(
  { body }: BatchCall,
  downstream: Partial<SyncBatchResponse['downstream']> = {},
): BatchAnswer {
  const { syncId, upserts } = SyncBatchRequest.parse(JSON.parse(body))
  const counts = Object.entries(upserts).map(([name, records]) => [name, records.length])
  return {
    status: 200,
    body: JSON.stringify({
      syncId,
      acceptedAt: new Date(START).toISOString(),
      serverCursor: `${syncId}.1`,
      conflicts: [],
      acceptedCounts: Object.fromEntries(counts),
      downstream: {
        playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: '2026-02-11T12:00:00Z' },
        observations: [],
        recommendations: [],
        hasMore: false,
        ...downstream,
      },
    }),
  }
}
const SESSION: BatchAnswer = {
  status: 200,
  body: JSON.stringify({
    contractVersion: '1.6.0',
    deviceId: DEVICE,
    workspace: { workspaceUid: `wsu_${'1'.repeat(32)}`, name: 'Yolo' },
  }),
}

/** An engine before a server that answers as a test says, else takes everything. */
export async function engineOf(options: Partial<SyncEngineOptions> = {}, disk = new MemoryDisk()) {
  const time = handClock()
  const { context } = await testContext()
  const store = await openMemoryStore(disk)
  const calls: BatchCall[] = []
  const steps: ((call: BatchCall) => BatchAnswer | Promise<BatchAnswer>)[] = []
  const events: EngineEvent[] = []
  const counts = { sessions: 0 }
  const engine = createSyncEngine({
    store,
    transport: {
      address: 'https://sync.test',
      session: () => {
        counts.sessions++
        return Promise.resolve(SESSION)
      },
      syncBatch: async (call) => {
        calls.push(call)
        return (steps.shift() ?? accepted)(call)
      },
    },
    clock: time.clock,
    ids: context.ids,
    random: { next: () => 1 },
    sha256: context.sha256,
    device: () => Device.parse(device({ deviceId: DEVICE })),
    ...options,
  })
  engine.subscribe((event) => events.push(event))
  onTestFinished(() => engine.stop())
  const random = seededRandom(181)
  const save = () =>
    engine.saveObservation(
      observation({ deviceId: DEVICE, createdAt: new Date(START).toISOString() }, random),
    )
  const kinds = () => events.map(({ kind }) => kind).filter((kind) => kind !== 'statusChanged')
  return { ...time, engine, store, disk, calls, steps, events, counts, save, kinds }
}
