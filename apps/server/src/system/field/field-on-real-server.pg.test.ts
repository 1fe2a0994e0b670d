import { generateFieldScript, simulatorSeeds } from '@fieldsync/testkit'
import { afterAll, describe, expect, it } from 'vitest'

import { realField, withKills } from './testing/field-on-real-server.ts'

const QUICK_RUNS = 2
const STEPS = 45
const KILL_EVERY = 30
// Most of it is for the shrinking of a script that fails.
const TIME_LIMIT_MS = 10 * 60_000

const field = await realField()
afterAll(() => field[Symbol.asyncDispose]())

describe('devices in the field, on the real server', () => {
  it.each(simulatorSeeds(QUICK_RUNS))(
    '[GUA-1, GUA-2] keep every guarantee (seed %i)',
    async (seed) => {
      const run = await field.expectSound(withKills(generateFieldScript(seed, STEPS), KILL_EVERY), seed)
      expect(run.compared).toBeGreaterThan(0)
    },
    TIME_LIMIT_MS,
  )
})
