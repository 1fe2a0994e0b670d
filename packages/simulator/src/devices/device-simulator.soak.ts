import { describe, expect, it } from 'vitest'

import { simulatorSeeds } from '../sim-seeds.ts'
import { generateDayScript } from './day-script.ts'
import { generateEmptiedServerScript, generateIdentityScript } from './derived-scripts.ts'
import {
  generateDeviceScript,
  generateDirectScript,
  generateLinkScript,
  generateWideScript,
} from './generate-device-script.ts'
import { runDeviceScript } from './run-device-script.ts'

const RUNS = 25
const DAYS = 3
const STEPS = 200

describe('devices in the field, for long', () => {
  it.each(simulatorSeeds(RUNS))(
    '[GUA-1, GUA-2, GUA-3, GUA-4, GUA-5, GUA-6, GUA-7, GUA-8, GUA-9, GUA-10] keep every guarantee (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateDeviceScript(seed, STEPS))).findings).toEqual([])
    },
  )

  it.each(simulatorSeeds(RUNS))(
    '[GUA-7, ACC-7, ENG-18, LIV-2, GUA-4, GUA-9, GUA-10] of several roles, tabs and farms as well (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateWideScript(seed, STEPS))).findings).toEqual([])
    },
  )

  it.each(simulatorSeeds(RUNS))(
    '[ENG-41, ENG-42, ENG-43, GUA-4, GUA-9, GUA-10] with a server that is started from nothing as well (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateEmptiedServerScript(seed, STEPS))).findings).toEqual([])
    },
  )

  it.each(simulatorSeeds(RUNS))(
    '[GUA-9, GUA-10, ENG-26, ENG-50, ENG-53, ENG-54] get everything through slow links, portals, blocked notes and outages (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateLinkScript(seed, STEPS))).findings).toEqual([])
    },
  )

  it.each(simulatorSeeds(RUNS))(
    '[ENG-22, ENG-32, ENG-36, GUA-7, GUA-9, GUA-10] that meet another company, or mixed builds, as well (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateIdentityScript(seed, STEPS))).findings).toEqual([])
    },
  )

  it.each(simulatorSeeds(RUNS))(
    '[GUA-4, GUA-9, GUA-10, DWN-6] lose nothing, drain and end equal when they save without a form, and the server deletes (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateDirectScript(seed, STEPS))).findings).toEqual([])
    },
  )

  it.each(simulatorSeeds(DAYS))(
    '[GUA-4, GUA-9, GUA-10, ENG-41] drain every queue, and lose nothing silently, in 24 hours with all of it (seed %i)',
    async (seed) => {
      expect((await runDeviceScript(generateDayScript(seed))).findings).toEqual([])
    },
  )
})
