import { limited, shrinkList, shrinkValue } from '../shrink/shrink.ts'
import type { DeviceScript, DeviceStep } from './device-script.ts'
import type { DeviceRun } from './run-device-script.ts'

/** A smallest script that was found to still fail: fewer steps, less in each, fewer devices. @param attempts at most */
export async function shrinkDeviceScript(
  script: DeviceScript,
  fails: (script: DeviceScript) => Promise<boolean>,
  attempts: number,
): Promise<DeviceScript> {
  const failing = limited(fails, attempts)
  let shrunk = script
  const steps = await shrinkList(script.steps, (fewer) => failing({ ...script, steps: [...fewer] }))
  shrunk = { ...script, steps: [...steps] }
  for (const [i, step] of shrunk.steps.entries()) {
    const simplest = await shrinkValue(step, simplerSteps, (simpler) =>
      failing({ ...shrunk, steps: shrunk.steps.with(i, simpler) }),
    )
    shrunk = { ...shrunk, steps: shrunk.steps.with(i, simplest) }
  }
  const devices = await shrinkList(shrunk.devices, (fewer) =>
    shrunk.steps.every((step) => !('device' in step) || fewer.includes(step.device))
      ? failing({ ...shrunk, devices: [...fewer] })
      : Promise.resolve(false),
  )
  return { ...shrunk, devices: [...devices] }
}

/** The same step with a little less in it. */
function* simplerSteps(step: DeviceStep): Generator<DeviceStep> {
  if ('pick' in step && step.pick > 0) {
    yield { ...step, pick: 0 }
    if (step.pick > 1) yield { ...step, pick: 1 }
  }
  if (step.do === 'calls' && step.faults.length > 1) {
    for (const i of step.faults.keys()) yield { ...step, faults: step.faults.toSpliced(i, 1) }
  }
  if (step.do === 'note') {
    const { poison, oldId, ...plain } = step
    if (poison !== undefined) yield oldId === undefined ? plain : { ...plain, oldId }
    if (oldId !== undefined) yield poison === undefined ? plain : { ...plain, poison }
  }
}

const SHOWN = 12

/** What a person needs of a failed run: what broke, how to repeat it, and the script to keep as a regression. */
export function describeDeviceRun({ findings }: DeviceRun, shrunk: DeviceScript, seed?: number): string {
  return [
    ...(seed === undefined ? [] : [`Seed ${seed}: SIM_SEED=${seed} repeats it.`]),
    ...findings.slice(0, SHOWN),
    `Shrunk to ${shrunk.steps.length} steps; to keep it, save this line in regressions/field/:`,
    JSON.stringify({ about: '', run: shrunk }),
  ].join('\n')
}
