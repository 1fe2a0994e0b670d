import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { LocalRecord } from '../core/local-record.ts'
import { START } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { recognizeOwn } from './recognize-own.ts'

const random = seededRandom(81)
const draft = Observation.parse(observation({}, random))
const [first, second, third] = ['one', 'two', 'three'].map((rawNoteText) => ({ ...draft, rawNoteText })) as [
  Observation,
  Observation,
  Observation,
]

/** A device with these writes of a note, of which the first `unsettled` may have been decided on. */
async function recognizing({
  queued,
  unsettled,
  server,
  ...more
}: { queued: Observation[]; unsettled: number; server: Observation | null } & Partial<
  Pick<LocalRecord<'observation'>, 'status' | 'withheld'>
>) {
  const world = await testContext()
  const keys = await world.queue(...queued.map((document) => ({ document })))
  const recognized = await world.change(async (changeset) => {
    const record = await changeset.read('observation', draft.observationId)
    changeset.put({ ...record, server, ...more })
    changeset.queue.unsettledBefore = unsettled + 1
    return recognizeOwn(changeset, 'observation', draft.observationId, START)
  })
  const left = [...world.tables().outbox.keys()].map((key) => keys.indexOf(key))
  return { recognized, left, record: world.tables().records.get(`observation/${draft.observationId}`) }
}

describe('what came down', () => {
  it.each<[string, Parameters<typeof recognizing>[0], number[]]>([
    [
      'is the first write, and those behind it are sent',
      { queued: [first, second], unsettled: 2, server: first },
      [1],
    ],
    [
      'is the last write, and those before it were taken',
      { queued: [first, second, third], unsettled: 3, server: third },
      [],
    ],
    [
      'is the last of several that are equal',
      { queued: [first, second, first, third], unsettled: 4, server: first },
      [3],
    ],
    [
      'is the last that may have been decided on',
      { queued: [first, second, first], unsettled: 2, server: first },
      [1, 2],
    ],
  ])('[ENG-29] %s', async (_, setup, expected) => {
    const { recognized, left, record } = await recognizing(setup)
    expect(recognized).toBe(true)
    expect(left).toEqual(expected)
    expect(record).toMatchObject({
      server: setup.server,
      local: expected.length > 0 ? setup.queued.at(-1) : null,
      acknowledgedAt: START,
    })
  })

  it.each<[string, Parameters<typeof recognizing>[0]]>([
    ['is another version', { queued: [first, second], unsettled: 2, server: third }],
    ['is what was never sent', { queued: [first], unsettled: 0, server: first }],
    ['is nothing', { queued: [first], unsettled: 1, server: null }],
    ['is of a record with nothing queued', { queued: [], unsettled: 1, server: first }],
    [
      'is of a record that waits for a person',
      { queued: [first], unsettled: 1, server: first, status: 'conflict' },
    ],
  ])('[ENG-29] is no write of this device where it %s', async (_, setup) => {
    const { recognized, left } = await recognizing(setup)
    expect(recognized).toBe(false)
    expect(left).toEqual(setup.queued.map((_each, i) => i))
  })

  it('[ENG-29, ENG-33] is a write without what its server lacked then, which stays beside it', async () => {
    const whole: Observation = { ...first, notObserved: ['/extraction/crop'] }
    const { recognized, left, record } = await recognizing({ queued: [whole], unsettled: 1, server: first })
    expect([recognized, left]).toEqual([true, []])
    expect(record?.withheld).toEqual({
      fields: { '/notObserved': ['/extraction/crop'] },
      updatedAt: first.updatedAt,
    })
  })

  it('[ENG-33] is a whole write: nothing is left beside it', async () => {
    const withheld = { fields: { '/notObserved': ['/extraction/crop'] }, updatedAt: null }
    const { record } = await recognizing({ queued: [first], unsettled: 1, server: first, withheld })
    expect(record).not.toHaveProperty('withheld')
  })
})
