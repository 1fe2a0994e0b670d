import { seededRandom } from '@fieldsync/testkit'

import { once } from '../script/generate/weighted.ts'
import type { DeviceScript, DeviceStep } from './device-script.ts'
import { generateWideScript } from './generate-device-script.ts'

const MINUTE = 60_000

/**
 * A wide script whose server is started from nothing once or twice, in a world where what was acknowledged is soon too
 * old to be sent again by itself, and people send it again at times.
 *
 * @param length number of the wide script's steps
 */
export function generateEmptiedServerScript(seed: number, length: number): DeviceScript {
  const script = generateWideScript(seed, length)
  const rng = seededRandom(Math.imul(seed, 53))
  const added: DeviceStep[] = [
    { do: 'empty' },
    ...(once(rng, 2) ? [{ do: 'empty' as const }] : []),
    ...script.devices.flatMap((device): DeviceStep[] => [
      { do: 'sync', device },
      { do: 'resend', device },
    ]),
    { do: 'pass', milliseconds: 60 * MINUTE },
    { do: 'pass', milliseconds: 60 * MINUTE },
  ]
  let { steps } = script
  for (const step of added) steps = steps.toSpliced(rng.int(Math.floor(length / 3), steps.length), 0, step)
  return { ...script, resendsFor: rng.pick([10, 45, 600]) * MINUTE, steps }
}

/**
 * A wide script in which devices meet another company's workspace (even seeds), or a server whose builds are mixed (odd ones):
 * notes have fields that the older build lacks.
 */
export function generateIdentityScript(seed: number, length: number): DeviceScript {
  const script = generateWideScript(seed, length)
  const rng = seededRandom(Math.imul(seed, 43))
  const moves = seed % 2 === 0
  const steps = script.steps.flatMap((step): DeviceStep[] => {
    const fresh: DeviceStep = step.do === 'note' && once(rng, 2) ? { ...step, fresh: true } : step
    if (!once(rng, 9)) return [fresh]
    if (!moves) return [{ do: 'contract', announced: once(rng, 2) }, fresh]
    const [first = '', ...others] = script.devices
    return [{ do: 'move', device: rng.pick([first, ...others]), away: once(rng, 2) }, fresh]
  })
  return { ...script, moves, steps }
}
