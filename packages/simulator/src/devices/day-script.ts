import { seededRandom, type SeededRandom } from '@fieldsync/testkit'

import type { DeviceScript, DeviceStep } from './device-script.ts'
import { anyStep, widestWorld } from './generate-device-script.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
// What a phone keeps on sending through a rejection until it gets through a smaller call.
const REJECTIONS = 12

/** The script of a seed about a whole day of virtual time, with each of {@link misfortunes} in it at least once. */
export function generateDayScript(seed: number): DeviceScript {
  const rng = seededRandom(Math.imul(seed, 59))
  const world = widestWorld(rng)
  const steps: DeviceStep[] = []
  let time = 0
  while (time < DAY) {
    const step = anyStep(rng, world.devices)
    steps.push(step)
    if (step.do === 'pass') time += step.milliseconds
  }
  const places = misfortunes(rng, world.devices).map((each) => ({ each, at: rng.int(0, steps.length - 1) }))
  const withAll = steps.flatMap((step, i) => [
    ...places.filter(({ at }) => at === i).flatMap(({ each }) => each),
    step,
  ])
  // What is older is sent again by people.
  return { seed, ...world, resendsFor: rng.pick([1, 10]) * HOUR, steps: withAll }
}

/**
 * What no day is without: a slow link, rejections by something in between, of all or of one note, a redirect, a server that
 * fails and recovers, one that starts from nothing, a device that meets another company's workspace with writes that
 * wait, and a form that is saved after its record has changed.
 */
function misfortunes(rng: SeededRandom, devices: readonly string[]): DeviceStep[][] {
  const [first = '', ...others] = devices
  const some = () => rng.pick([first, ...others])
  const value = () => rng.int(1, 999_999)
  const pick = () => rng.int(0, 9_999)
  const [slow, rejected, blocked, redirected, moved, reader] = [
    some(),
    some(),
    some(),
    some(),
    some(),
    some(),
  ]
  const status = rng.pick([403, 415, 511] as const)
  const rejections = Array.from({ length: REJECTIONS }, () => ({ kind: 'intercepted' as const, status }))
  const formPick = pick() * 3 + 1
  return [
    [
      { do: 'speed', device: slow, bytesPerSecond: 1_024 },
      { do: 'note', device: slow, value: value() },
      { do: 'pass', milliseconds: 6 * MINUTE },
    ],
    [
      { do: 'note', device: rejected, value: value() },
      { do: 'calls', device: rejected, faults: rejections },
      { do: 'sync', device: rejected },
      { do: 'pass', milliseconds: 20 * MINUTE },
    ],
    [
      { do: 'note', device: blocked, value: value(), poison: 'blocked' },
      { do: 'note', device: blocked, value: value() },
      { do: 'pass', milliseconds: 20 * MINUTE },
    ],
    [
      { do: 'calls', device: redirected, faults: [{ kind: 'redirected' }, { kind: 'redirected' }] },
      { do: 'sync', device: redirected },
      { do: 'pass', milliseconds: MINUTE },
    ],
    [
      { do: 'outage', milliseconds: 20 * MINUTE },
      { do: 'note', device: some(), value: value() },
      { do: 'pass', milliseconds: HOUR },
    ],
    [{ do: 'empty' }, { do: 'pass', milliseconds: HOUR }],
    [
      { do: 'network', device: moved, online: true },
      { do: 'pass', milliseconds: 20 * MINUTE },
      { do: 'note', device: moved, value: value() },
      { do: 'move', device: moved, away: true },
      { do: 'pass', milliseconds: 20 * MINUTE },
      { do: 'move', device: moved, away: false },
      { do: 'pass', milliseconds: 20 * MINUTE },
    ],
    [
      { do: 'note', device: reader, value: value() },
      { do: 'form', device: reader, pick: formPick },
      // The form shows one of the records that the same pick edits: what it shows is old when it is saved.
      { do: 'edit', device: reader, pick: formPick, value: value() },
      { do: 'confirm', device: reader, pick: formPick, value: value() },
      { do: 'pass', milliseconds: MINUTE },
      { do: 'submit', device: reader, value: value() },
      { do: 'pass', milliseconds: MINUTE },
    ],
  ]
}
