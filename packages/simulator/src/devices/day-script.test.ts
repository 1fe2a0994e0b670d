import { describe, expect, it } from 'vitest'

import { generateDayScript } from './day-script.ts'
import type { DeviceStep } from './device-script.ts'

const HOUR = 60 * 60_000

const SEEDS = [1, 2, 3, 4, 5, 6]

const faultsOf = (steps: readonly DeviceStep[]): string[] =>
  steps.flatMap((step) => {
    if (step.do === 'calls') return step.faults.map(({ kind }) => kind)
    return step.do === 'note' ? (step.poison ?? []) : step.do
  })

describe('the script of a day', () => {
  it.each(SEEDS)('has at least 24 hours, and all that may go wrong (seed %i)', (seed) => {
    const { steps, moves } = generateDayScript(seed)
    const passed = steps.reduce((sum, step) => sum + (step.do === 'pass' ? step.milliseconds : 0), 0)
    expect(passed).toBeGreaterThanOrEqual(24 * HOUR)
    const everything = ['speed', 'intercepted', 'blocked', 'redirected', 'outage', 'empty', 'move']
    expect(faultsOf(steps)).toEqual(expect.arrayContaining([...everything, 'form', 'submit']))
    expect(moves).toBe(true)
  })

  it('depends on its seed alone', () => {
    expect(generateDayScript(7)).toEqual(generateDayScript(7))
    expect(generateDayScript(7).steps).not.toEqual(generateDayScript(8).steps)
  })
})
