import { describe, expect, it } from 'vitest'

import { generateDirectScript, generateDeviceScript } from '../devices/generate-device-script.ts'
import { runDeviceScript } from '../devices/run-device-script.ts'
import type { Mutant } from './mutant.ts'
import { SENDING_MUTANTS } from './sending-mutants.ts'
import { SERVER_MUTANTS } from './server-mutants.ts'
import { DIRECT_MUTANTS, STORING_MUTANTS } from './storing-mutants.ts'

// Fixed, so that a bug is caught by the same script every time.
const FIRST_SEED = 1
const MOST_SEEDS = 10
const STEPS = 90
const TIME_LIMIT_MS = 60_000

async function caughtBy(bug: Mutant, generate = generateDeviceScript): Promise<string[]> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + MOST_SEEDS; seed++) {
    const { findings } = await runDeviceScript(generate(seed, STEPS), bug)
    if (findings.length > 0) return findings
  }
  return []
}

describe('a mutant is caught', () => {
  it.each([...SERVER_MUTANTS, ...SENDING_MUTANTS, ...STORING_MUTANTS])(
    '[GUA-1, GUA-2, GUA-3, GUA-4, GUA-5, GUA-6, GUA-8, GUA-9, GUA-10] $name',
    async (bug) => {
      expect(await caughtBy(bug)).not.toEqual([])
    },
    TIME_LIMIT_MS,
  )

  it.each(DIRECT_MUTANTS)(
    '[GUA-4, GUA-9, DWN-6] by deletions and by what lies in a store: $name',
    async (bug) => {
      expect(await caughtBy(bug, generateDirectScript)).not.toEqual([])
    },
    TIME_LIMIT_MS,
  )
})
