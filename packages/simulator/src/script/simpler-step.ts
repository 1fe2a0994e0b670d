import type { SendStep, Step } from './script.ts'

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
export function recordLists({ body }: SendStep): { name: string; records: readonly Entries[] }[] {
  const { upserts } = body
  if (!isObject(upserts)) return []
  return Object.entries(upserts).flatMap(([name, list]) =>
    Array.isArray(list) && list.every(isObject) ? [{ name, records: list }] : [],
  )
}

/** The step with another list of records in its batch. */
export const withRecords = (step: SendStep, name: string, records: readonly Entries[]): SendStep => ({
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
