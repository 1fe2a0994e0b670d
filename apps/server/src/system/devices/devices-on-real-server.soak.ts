import {
  type DeviceScript,
  generateDeviceScript,
  readRegressions,
  simulatorSeeds,
} from '@fieldsync/simulator'
import { afterAll, describe, expect, it } from 'vitest'

import { realDevices, withKills } from './testing/devices-on-real-server.ts'
import { UNFLUSHED_COMMITS } from './testing/mutant-proxy.ts'

const RUNS = 2
const STEPS = 90
const KILL_EVERY = 30
const MOST_SEEDS = 10

const devices = await realDevices()
afterAll(() => devices[Symbol.asyncDispose]())

describe('devices in the field, on the real server, for long', () => {
  it.each(readRegressions<DeviceScript>('devices'))(
    '[GUA-4, GUA-9, GUA-10] keep what once was broken: $name',
    async ({ run }) => {
      await devices.expectSound(run)
    },
  )

  it.each(simulatorSeeds(RUNS))(
    '[GUA-1, GUA-2, GUA-3, GUA-4, GUA-5, GUA-6, GUA-7, GUA-8, GUA-9, GUA-10] keep every guarantee (seed %i)',
    async (seed) => {
      const script = withKills(generateDeviceScript(seed, STEPS), KILL_EVERY)
      // Half of them by the server's own clock, which their writes soon run ahead of (OBS-18).
      await devices.expectSound(seed % 2 === 0 ? script : { ...script, startsAt: Date.now() }, seed)
    },
  )

  it(`[GUA-1] are seen to break one where ${UNFLUSHED_COMMITS.name}`, async () => {
    const found: string[] = []
    for (let seed = 1; seed <= MOST_SEEDS && found.length === 0; seed++) {
      const script = withKills(generateDeviceScript(seed, STEPS), KILL_EVERY)
      found.push(...(await devices.play(script, UNFLUSHED_COMMITS)).findings)
    }
    expect(found).not.toEqual([])
  })
})
