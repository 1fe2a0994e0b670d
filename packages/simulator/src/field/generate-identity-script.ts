import { seededRandom } from '@fieldsync/testkit'

import { once } from '../script/generate/weighted.ts'
import type { FieldScript, FieldStep } from './field-script.ts'
import { generateWideScript } from './generate-field-script.ts'

/**
 * A wide script in which devices meet another company's workspace (even seeds), or a server whose builds are mixed (odd ones):
 * notes have fields that the older build lacks.
 */
export function generateIdentityScript(seed: number, length: number): FieldScript {
  const script = generateWideScript(seed, length)
  const rng = seededRandom(Math.imul(seed, 43))
  const moves = seed % 2 === 0
  const steps = script.steps.flatMap((step): FieldStep[] => {
    const fresh: FieldStep = step.do === 'note' && once(rng, 2) ? { ...step, fresh: true } : step
    if (!once(rng, 9)) return [fresh]
    if (!moves) return [{ do: 'contract', announced: once(rng, 2) }, fresh]
    const [first = '', ...others] = script.devices
    return [{ do: 'move', device: rng.pick([first, ...others]), away: once(rng, 2) }, fresh]
  })
  return { ...script, moves, steps }
}
