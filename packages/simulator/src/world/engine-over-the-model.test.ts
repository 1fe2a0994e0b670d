import { Device, DeviceId } from '@fieldsync/contracts'
import { createSyncEngine } from '@fieldsync/sync-engine'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import {
  device,
  observation,
  type ObservationInput,
  seededRandom,
  type SeededRandom,
  sha256,
} from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { converged, drained, isolated, nothingLostOnDevice } from '../invariants/device-guarantees.ts'
import { serverGuarantees } from '../invariants/server-guarantees.ts'
import { faultPlan, PlannedFaults } from '../link/fault-plan.ts'
import { FaultyLink } from '../link/faulty-link.ts'
import { ModelServer } from '../model/model-server.ts'
import { readDeviceCopy, type WrittenDocument } from '../state/device-copy.ts'
import { runUntil, SkewedClock, VirtualClock } from '../time/virtual-clock.ts'
import { seededIds } from './seeded-ids.ts'

const HOUR = 60 * 60_000
const TIMEOUT = 30_000

/** A real engine on a store in memory, with a bad link to the model server. */
async function phone(name: string, clock: VirtualClock, rng: SeededRandom, model: ModelServer) {
  const deviceId = DeviceId.parse(`dev_${name}`)
  model.createDevice({ workspaceId: 'ws', deviceId, role: 'agronomist', token: name })
  const faults = new PlannedFaults(faultPlan(rng, { calls: 20, share: 0.5, timeout: TIMEOUT }))
  const own = new SkewedClock(clock, rng.int(-5000, 5000))
  const store = await openMemoryStore(new MemoryDisk())
  const engine = createSyncEngine({
    store,
    transport: new FaultyLink({
      clock,
      server: (call) => model.syncBatch(call),
      token: () => name,
      nextFault: () => faults.next(),
      latency: 80,
      timeout: TIMEOUT,
    }),
    clock: own,
    ids: seededIds(rng, own),
    random: { next: () => rng.fraction() },
    sha256,
    device: () => Device.parse(device({ deviceId })),
    credentials: { renew: () => Promise.resolve(true) },
  })
  const written: WrittenDocument[] = []
  const save = async (draft: ObservationInput): Promise<void> => {
    const outcome = await engine.saveObservation(draft)
    if (outcome.ok && outcome.record.local) written.push(outcome.record.local)
  }
  return { deviceId, engine, faults, written, save, copy: () => readDeviceCopy(store, name, 'ws') }
}

async function during<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let done = false
  const working = work.finally(() => (done = true))
  await runUntil(clock, () => done, 24 * HOUR)
  return await working
}

it.each([1, 2, 3])(
  '[GUA-2, GUA-4, GUA-7] real engines over bad links lose nothing, drain and end with equal copies (seed %i)',
  async (seed) => {
    const rng = seededRandom(seed)
    const clock = new VirtualClock(rng, Date.parse('2026-02-12T08:00:00Z'))
    const model = new ModelServer({ clock })
    model.createWorkspace('ws')
    const [anna, ben] = [await phone('anna', clock, rng, model), await phone('ben', clock, rng, model)]
    for (let i = 0; i < 6; i++) {
      for (const each of [anna, ben]) {
        await each.save(observation({ deviceId: each.deviceId }, rng))
        const [known] = await each.engine.records('observation')
        if (known?.document.status === 'draft')
          await each.save({ ...known.document, rawNoteText: `Edit ${i}.` })
        // Queued until it was sent, and by then nothing else is asked of it.
        const { written } = each
        if (i === 0)
          expect(nothingLostOnDevice({ written, accepted: [], givenUp: [] }, await each.copy())).toEqual([])
        await during(clock, each.engine.sync())
        each.engine.credentialsChanged()
      }
    }
    for (const each of [anna, ben]) {
      each.faults.heal()
      each.engine.credentialsChanged()
    }
    for (let round = 0; round < 4; round++) {
      for (const { engine } of [anna, ben]) {
        for (const { id } of await engine.conflicts()) await during(clock, engine.resolve.discard(id))
        await during(clock, engine.sync())
      }
    }
    const [copies, state] = [[await anna.copy(), await ben.copy()], model.state('ws')]
    expect(state.observations.size).toBe(12)
    expect([
      ...serverGuarantees(state),
      ...copies.flatMap((copy) => converged(copy, state)),
      ...drained(copies),
      ...isolated(copies, [state]),
    ]).toEqual([])
    for (const { engine } of [anna, ben]) await engine.stop()
  },
  60_000,
)
