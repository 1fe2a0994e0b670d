import { limited, shrinkList, shrinkValue } from '../shrink/shrink.ts'
import type { DeviceRef, Script, SendStep, Step } from './script.ts'

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

type Entries = { readonly [key: string]: unknown }

// What a record of any kind may come without.
const OPTIONAL = ['updatedAt', 'correction', 'supersedes']
// What says nothing to a rule, but for being the same or another.
const WORDS = ['rawNoteText', 'reason']
const WORD = 'x'

/** The same step with a little less in it: for shrinking a script that fails. */
export function* simplerSteps(step: Step): Generator<Step> {
  if (step.do === 'resend') for (const key of ['key', 'respelled']) if (key in step) yield without(step, key)
  if (step.do === 'together' && step.calls.length > 1) {
    for (const i of step.calls.keys()) yield { ...step, calls: step.calls.toSpliced(i, 1) }
  }
  if (step.do !== 'send') return
  for (const key of ['resolved', 'key'] as const) if (key in step) yield without(step, key)
  if (step.resolved && step.resolved.length > 1) yield { ...step, resolved: step.resolved.slice(1) }
  if (step.cursor !== 'last') yield { ...step, cursor: 'last' }
  for (const body of simplerBodies(step.body)) yield { ...step, body }
}

/** The lists of records in a batch, by their names; none where the batch is too broken to have any. */
function recordLists({ body }: SendStep): { name: string; records: readonly Entries[] }[] {
  const { upserts } = body
  if (!isObject(upserts)) return []
  return Object.entries(upserts).flatMap(([name, list]) =>
    Array.isArray(list) && list.every(isObject) ? [{ name, records: list }] : [],
  )
}

/** The step with another list of records in its batch. */
const withRecords = (step: SendStep, name: string, records: readonly Entries[]): SendStep => ({
  ...step,
  body: { ...step.body, upserts: { ...(isObject(step.body.upserts) && step.body.upserts), [name]: records } },
})

/** The same record with a little less in it. */
export function* simplerRecords(record: Entries): Generator<Entries> {
  for (const key of OPTIONAL) if (key in record) yield without(record, key)
  for (const key of WORDS) if (key in record && record[key] !== WORD) yield { ...record, [key]: WORD }
  const { transcription, operations } = record
  if (isObject(transcription) && transcription['text'] !== WORD) {
    yield { ...record, transcription: { ...transcription, text: WORD } }
  }
  if (!Array.isArray(operations) || operations.length < 2) return
  for (const i of operations.keys()) yield { ...record, operations: operations.toSpliced(i, 1) }
}

function* simplerBodies(body: SendStep['body']): Generator<SendStep['body']> {
  for (const key of ['report', 'maxDownstream']) if (key in body) yield without(body, key)
}

const without = <T extends object>(value: T, key: string): T =>
  // Only members that may be absent are left out.
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as T

const isObject = (value: unknown): value is Entries => typeof value === 'object' && value !== null
