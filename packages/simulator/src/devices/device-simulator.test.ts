import { describe, expect, it } from 'vitest'

import { readRegressions } from '../regressions/regressions.ts'
import { simulatorSeeds } from '../sim-seeds.ts'
import { generateEmptiedServerScript, generateIdentityScript } from './derived-scripts.ts'
import type { DeviceScript } from './device-script.ts'
import {
  generateDirectScript,
  generateDeviceScript,
  generateLinkScript,
  generateWideScript,
} from './generate-device-script.ts'
import { runDeviceScript } from './run-device-script.ts'
import { describeDeviceRun, shrinkDeviceScript } from './shrink-device-script.ts'

// Many more, and longer ones, are in the soak beside this file.
const QUICK_RUNS = 7
const WIDE_RUNS = 5
const EMPTIED_RUNS = 3
const IDENTITY_RUNS = 4
const LINK_RUNS = 4
const DIRECT_RUNS = 6
const STEPS = 90
const SHRINK_ATTEMPTS = 300
// Most of it is for the shrinking of a script that fails.
const TIME_LIMIT_MS = 10 * 60_000

async function expectSound(script: DeviceScript, seed?: number): Promise<void> {
  const run = await runDeviceScript(script)
  if (run.findings.length === 0) return
  const fails = async (each: DeviceScript) => (await runDeviceScript(each)).findings.length > 0
  const shrunk = await shrinkDeviceScript(script, fails, SHRINK_ATTEMPTS)
  throw new Error(describeDeviceRun(await runDeviceScript(shrunk), shrunk, seed))
}

describe('devices in the field', () => {
  it.each(readRegressions<DeviceScript>('devices'))(
    '[GUA-4, GUA-9, GUA-10] keep what once was broken: $name',
    async ({ run }) => expectSound(run),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(QUICK_RUNS))(
    '[GUA-1, GUA-2, GUA-3, GUA-4, GUA-5, GUA-6, GUA-7, GUA-8, GUA-9, GUA-10] keep every guarantee, whatever happens to them (seed %i)',
    async (seed) => expectSound(generateDeviceScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(WIDE_RUNS))(
    '[GUA-7, ACC-7, ENG-18, LIV-2, GUA-4, GUA-9, GUA-10] of several roles, tabs and farms keep every guarantee as well (seed %i)',
    async (seed) => expectSound(generateWideScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(EMPTIED_RUNS))(
    '[ENG-41, ENG-42, ENG-43, GUA-4, GUA-9, GUA-10] keep what a server that was started from nothing no longer has (seed %i)',
    async (seed) => expectSound(generateEmptiedServerScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(IDENTITY_RUNS))(
    '[ENG-22, ENG-32, ENG-36, GUA-7, GUA-9, GUA-10] that meet another company, or mixed builds, keep every guarantee too (seed %i)',
    async (seed) => expectSound(generateIdentityScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(DIRECT_RUNS))(
    '[GUA-4, GUA-9, GUA-10, DWN-6] lose nothing, drain and end equal when they save without a form, and the server deletes (seed %i)',
    async (seed) => expectSound(generateDirectScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(LINK_RUNS))(
    '[GUA-9, GUA-10, ENG-26, ENG-50, ENG-53, ENG-54] get everything through slow links, portals, blocked notes and outages (seed %i)',
    async (seed) => expectSound(generateLinkScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )

  it('happen the same way every time for their seed', async () => {
    const script = generateDeviceScript(7, STEPS)
    expect(generateDeviceScript(7, STEPS)).toEqual(script)
    expect(JSON.parse(JSON.stringify(script))).toEqual(script)
    expect(await runDeviceScript(script)).toEqual(await runDeviceScript(script))
  })
})
