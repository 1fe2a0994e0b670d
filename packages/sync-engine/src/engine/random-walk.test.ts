import { seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { contentKey } from '../testing/content-key.ts'
import type { FieldDevice } from '../testing/field-device.ts'
import { act, type Phone } from '../testing/random-acts.ts'
import { type RuleServer } from '../testing/rule-server.ts'
import { testWorld } from '../testing/test-world.ts'

// Other walks: SIM_SEED=<first seed> SIM_RUNS=<how many>.
const FIRST_SEED = Number(process.env['SIM_SEED'] ?? 1)
const RUNS = Number(process.env['SIM_RUNS'] ?? 12)
const STEPS = 70
const ROUNDS = 30

/** Writes that are neither queued, nor laid aside, nor ever accepted. */
async function lost({ device, written }: Phone, server: RuleServer): Promise<string[]> {
  const { entries, conflicts } = await device.engine.exportQueue()
  const held = [...entries.map(({ document }) => document), ...conflicts.map(({ losing }) => losing)]
  const known = new Set([...held.map(contentKey), ...server.accepted])
  return [...written].flatMap(([id, document]) => (known.has(contentKey(document)) ? [] : [`${id} is lost`]))
}

/** What is wrong with a device when all is said and done. */
function unsettled({ device }: Phone, server: RuleServer): string[] {
  const { engine, tables, position } = device
  const { state, problem } = engine.status()
  return [
    ...(state === 'idle' ? [] : [`is ${state}: ${problem}`]),
    ...(tables.outbox.size === 0 ? [] : ['has a queue']),
    ...(tables.conflicts.size === 0 ? [] : ['has conflicts']),
    ...(position.stateHash === server.stateHash() ? [] : ['has another copy']),
    ...device.eventsOf('drift').map((event) => `drifted: ${JSON.stringify(event)}`),
  ]
}

/** Some devices through good and bad days; then faults end and people resolve what waits. Empty when all is well. */
async function walk(seed: number): Promise<string[]> {
  const random = seededRandom(seed)
  const world = await testWorld({
    settings: { pageRecords: random.int(1, 8), batchRecords: random.int(1, 8) },
  })
  const { clock, server } = world
  server.isPoison = (record) => 'rawNoteText' in record && String(record.rawNoteText).startsWith('poison')
  const phone = (device: FieldDevice): Phone => ({ device, written: new Map() })
  const phones: [Phone, ...Phone[]] = [phone(world.anna), phone(world.ben), phone(await world.device('cleo'))]
  const scene = { server, backup: null, random }
  const log: string[] = []
  for (let i = 0; i < STEPS; i++) {
    clock.advance(random.int(1, 60_000))
    const chosen = random.pick(phones)
    const what = await act(Object.assign(scene, { phone: chosen }))
    if (what !== null) log.push(`${chosen.device.deviceId} ${what}`)
    for (const each of phones) {
      const findings = [...(await each.device.findings()), ...(await lost(each, server))]
      if (findings.length > 0) return [...log, ...findings.map((text) => `${each.device.deviceId}: ${text}`)]
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { device } of phones) {
      await device.sync()
      for (const { id } of await device.engine.conflicts()) await device.engine.resolve.acceptServer(id)
    }
  }
  const findings = phones.flatMap((each) =>
    unsettled(each, server).map((text) => `${each.device.deviceId} ${text}`),
  )
  return findings.length > 0 ? [...log, ...findings] : []
}

describe('devices at random', () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    it(`[GUA-4, GUA-9, GUA-10] lose nothing, drain and end equal: seed ${seed}`, async () => {
      expect(await walk(seed)).toEqual([])
    })
  }
})
