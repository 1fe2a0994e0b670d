import { type DeviceScript, generateDeviceScript, simulatorSeeds } from '@fieldsync/simulator'
import { afterAll, describe, expect, it } from 'vitest'

import { realDevices, withKills } from './testing/devices-on-real-server.ts'
import { PLANTED_ON_THE_WAY } from './testing/mutant-proxy.ts'

const QUICK_RUNS = 1
const STEPS = 25
const KILL_EVERY = 20
// Most of it is for shrinking a failing script.
const TIME_LIMIT_MS = 10 * 60_000

const devices = await realDevices()
afterAll(() => devices[Symbol.asyncDispose]())

describe('devices in the field, on the real server', () => {
  it.each(simulatorSeeds(QUICK_RUNS))(
    '[GUA-1, GUA-2, GUA-3, GUA-4, GUA-5, GUA-6, GUA-7, GUA-8, GUA-9, GUA-10] keep every guarantee, whatever happens to them and to it (seed %i)',
    async (seed) => {
      const run = await devices.expectSound(withKills(generateDeviceScript(seed, STEPS), KILL_EVERY), seed)
      expect(run.compared).toBeGreaterThan(0)
    },
    TIME_LIMIT_MS,
  )

  const SHOWS: DeviceScript = {
    seed: 1,
    devices: ['dev_anna', 'dev_ben'],
    pageRecords: 1,
    batchRecords: 2,
    steps: [
      // Each has called once. After a truncated answer the same bytes are sent again; after a timeout they would not be
      // (ENG-6).
      { do: 'pass', milliseconds: 1_000 },
      { do: 'calls', device: 'dev_anna', faults: [{ kind: 'truncated', share: 0.3 }] },
      { do: 'note', device: 'dev_anna', value: 1 },
      { do: 'note', device: 'dev_anna', value: 2 },
      { do: 'note', device: 'dev_anna', value: 3 },
      { do: 'pass', milliseconds: 3_000 },
      { do: 'pass', milliseconds: 60_000 },
    ],
  }

  it('[GUA-1, GUA-2, GUA-3] break none in a few calls with one lost answer', async () => {
    expect((await devices.play(SHOWS)).findings).toEqual([])
  })

  it.each(PLANTED_ON_THE_WAY)('[GUA-1, GUA-2, GUA-3] are seen to break one where $name', async (bug) => {
    expect((await devices.play(SHOWS, bug)).findings).not.toEqual([])
  })
})
