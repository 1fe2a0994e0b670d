import { seededRandom } from '@fieldsync/testkit'

import { once } from '../script/generate/weighted.ts'
import type { FieldScript, FieldStep } from './field-script.ts'
import { generateWideScript } from './generate-field-script.ts'

const MINUTE = 60_000

/**
 * A wide script whose server is started from nothing once or twice, in a world where what was acknowledged is soon too
 * old to be sent again by itself, and people send it again at times.
 *
 * @param length number of the wide script's steps
 */
export function generateEmptiedServerScript(seed: number, length: number): FieldScript {
  const script = generateWideScript(seed, length)
  const rng = seededRandom(Math.imul(seed, 53))
  const added: FieldStep[] = [
    { do: 'empty' },
    ...(once(rng, 2) ? [{ do: 'empty' as const }] : []),
    ...script.devices.flatMap((device): FieldStep[] => [
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
