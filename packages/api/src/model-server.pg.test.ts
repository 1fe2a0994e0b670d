import {
  describeDisagreement,
  type Disagreement,
  generateScript,
  readRegressions,
  runBoth,
  type Script,
  SCRIPT_LIMITS,
  ScriptClock,
  scriptedModel,
  shrinkScript,
  simulatorSeeds,
} from '@fieldsync/simulator'
import { describe, it } from 'vitest'

import { scriptedApi } from './testing/scripted-api.ts'

const QUICK_RUNS = 7
const ROUND_RUNS = 14
const STEPS = 40
const SHRINK_ATTEMPTS = 250
// Most of it is for shrinking a failing script.
const TIME_LIMIT_MS = 10 * 60_000

const clock = new ScriptClock()
const other = await scriptedApi(clock)

let runs = 0

/** Every run has workspaces of its own: one database serves them all. */
async function differenceIn(script: Script): Promise<Disagreement | undefined> {
  const one = scriptedModel({ clock, limits: SCRIPT_LIMITS })
  return await runBoth({ one, other, clock }, script, `_${++runs}`)
}

async function expectAlike(script: Script, seed?: number): Promise<void> {
  if ((await differenceIn(script)) === undefined) return
  const shrunk = await shrinkScript(
    script,
    async (each) => (await differenceIn(each)) !== undefined,
    SHRINK_ATTEMPTS,
  )
  const found = await differenceIn(shrunk)
  throw new Error(
    found ? describeDisagreement(found, shrunk, seed) : `The disagreement did not come again (seed ${seed}).`,
  )
}

describe('the model server and the real one', () => {
  it.each(readRegressions<Script>('scripts'))(
    '[OPS-4, GUA-8] agree on what once went wrong: $name',
    async ({ run }) => expectAlike(run),
    TIME_LIMIT_MS,
  )

  it.each(simulatorSeeds(QUICK_RUNS, ROUND_RUNS))(
    '[OPS-4, GUA-2, GUA-8, IDM-2, CUR-6, HSH-1] agree on every answer and on all they hold, whatever devices send (seed %i)',
    async (seed) => expectAlike(await generateScript(seed, STEPS), seed),
    TIME_LIMIT_MS,
  )
})
