import { limited } from '../shrink/limited.ts'
import { shrinkList } from '../shrink/shrink-list.ts'
import { shrinkValue } from '../shrink/shrink-value.ts'
import type { DeviceRef, Script, SendStep, Step } from './script.ts'
import { recordLists, simplerRecords, simplerSteps, withRecords } from './simpler-step.ts'

type Fails<T> = (value: T) => Promise<boolean>

/** A smallest script that was found to still fail: fewer steps, less in each, fewer devices. @param attempts at most */
export async function shrinkScript(script: Script, fails: Fails<Script>, attempts: number): Promise<Script> {
  const failing = limited(fails, attempts)
  const withSteps = (steps: readonly Step[]): Script => ({ ...script, steps: [...steps] })
  let steps = await shrinkList(script.steps, (fewer) => failing(withSteps(fewer)))
  for (const [i, step] of steps.entries()) {
    const simplest = await shrinkStep(step, (simpler) => failing(withSteps(steps.with(i, simpler))))
    steps = steps.with(i, simplest)
  }
  const used = script.devices.filter(({ device }) => steps.some((step) => devicesOf(step).includes(device)))
  const fewer = { devices: used, steps: [...steps] }
  return (await failing(fewer)) ? fewer : withSteps(steps)
}

async function shrinkStep(step: Step, fails: Fails<Step>): Promise<Step> {
  const simplest = await shrinkValue(step, simplerSteps, fails)
  return simplest.do === 'send'
    ? { id: step.id, ...(await shrinkRecords(step.id, simplest, fails)) }
    : simplest
}

async function shrinkRecords(id: number, step: SendStep, fails: Fails<Step>): Promise<SendStep> {
  let shrunk = step
  for (const { name, records } of recordLists(step)) {
    const failing = (list: Parameters<typeof withRecords>[2]) =>
      fails({ id, ...withRecords(shrunk, name, list) })
    let fewest = await shrinkList(records, failing)
    for (const [i, record] of fewest.entries()) {
      const simplest = await shrinkValue(record, simplerRecords, (simpler) =>
        failing(fewest.with(i, simpler)),
      )
      fewest = fewest.with(i, simplest)
    }
    shrunk = withRecords(shrunk, name, fewest)
  }
  return shrunk
}

function devicesOf(step: Step): DeviceRef[] {
  if (step.do === 'together') return step.calls.map(({ device }) => device)
  return 'device' in step ? [step.device] : []
}
