import { type Downstream, Observation, Recommendation, type SyncConflict } from '@fieldsync/contracts'
import { combineDigests } from '@fieldsync/domain'
import { observation, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { START } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { compareHashes, pullForOrphans } from './drift.ts'

const HOUR = 60 * 60_000
const [OWN, OTHER, THIRD] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const DIFFERENCE = combineDigests(OTHER, OWN)

const downstream = (more: Partial<Downstream>): Downstream =>
  ({
    playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: '2026-02-11T12:00:00Z' },
    observations: [],
    recommendations: [],
    hasMore: false,
    ...more,
  }) as Downstream

/** What a comparison with this state of the device and its server comes to. */
async function compared(
  { healing, pending = 0, now = START }: { healing?: object | undefined; pending?: number; now?: number },
  { stateHash = OTHER, hasMore = false }: { stateHash?: string | null; hasMore?: boolean } = {},
) {
  const world = await testContext()
  world.time.now = now
  await world.store({ healing })
  const found = await world.change((changeset, transaction) => {
    changeset.position.stateHash = OWN
    changeset.queue.pending = pending
    const page = downstream({ hasMore, ...(stateHash !== null && { stateHash }) })
    return compareHashes(world.context, changeset, transaction, page)
  })
  const { stored } = world
  return { found, healing: stored('healing'), drift: stored('drift'), fullPull: stored('fullPull') }
}

describe('state hashes', () => {
  it.each([
    ['at the head alone', {}, { hasMore: true }],
    ['with an empty queue alone', { pending: 1 }, {}],
    ['of a server that has them alone', {}, { stateHash: null }],
  ])('[HSH-5] are compared %s', async (_, state, page) => {
    const outcome = await compared(state, page)
    expect(outcome).toEqual({ found: null, healing: undefined, drift: undefined, fullPull: undefined })
  })

  it('[HSH-5, ENG-47] that are equal end what was remembered of a drift', async () => {
    const healing = { at: START, failures: 1, difference: DIFFERENCE }
    for (const before of [healing, undefined]) {
      const outcome = await compared({ healing: before }, { stateHash: OWN })
      expect(outcome).toEqual({ found: null, healing: undefined, drift: undefined, fullPull: undefined })
    }
  })

  it('[HSH-5] that differ start a full pull, and are reported with the time', async () => {
    const { found, drift, fullPull } = await compared({})
    expect(found).toEqual({ serverHash: OTHER, deviceHash: OWN, healing: true })
    expect(drift).toEqual({ noticedAt: new Date(START).toISOString(), serverHash: OTHER, deviceHash: OWN })
    expect(fullPull).toMatchObject({ reason: 'drift', step: 'pages' })
  })

  it.each([
    [1, HOUR],
    [2, 2 * HOUR],
    [5, 16 * HOUR],
    [6, 24 * HOUR],
    [10, 24 * HOUR],
  ])(
    '[HSH-6, ENG-47] that a full pull left different for the %ith time start none for %i ms',
    async (failures, wait) => {
      const healing = { at: START, failures, difference: DIFFERENCE }
      const early = await compared({ healing, now: START + wait - 1 })
      expect(early).toEqual({ found: null, healing, drift: undefined, fullPull: undefined })
      expect(await compared({ healing, now: START })).toEqual(early)
      const due = await compared({ healing, now: START + wait })
      expect(due).toMatchObject({ found: { healing: true }, fullPull: { reason: 'drift' } })
    },
  )

  it('[HSH-6] that differ otherwise meanwhile are reported once, and start nothing', async () => {
    const healing = { at: START, failures: 1, difference: DIFFERENCE }
    const outcome = await compared({ healing, now: START + 1 }, { stateHash: THIRD })
    expect(outcome).toEqual({
      found: { serverHash: THIRD, deviceHash: OWN, healing: false },
      healing: { ...healing, difference: combineDigests(THIRD, OWN) },
      drift: { noticedAt: new Date(START + 1).toISOString(), serverHash: THIRD, deviceHash: OWN },
      fullPull: undefined,
    })
  })

  it('[HSH-6] that differ start a full pull where the clock was set back since the last one', async () => {
    const healing = { at: START, failures: 1, difference: DIFFERENCE }
    expect(await compared({ healing, now: START - 1 })).toMatchObject({ found: { healing: true } })
  })
})

describe('an orphan', () => {
  const random = seededRandom(2)
  const note = Observation.parse(observation({}, random))
  const advice = Recommendation.parse(recommendation({ observationId: note.observationId }, random))
  const ORPHAN = 'RECOMMENDATION_ORPHAN'
  type Case = {
    code?: string
    page?: Partial<Downstream>
    known?: boolean
    entityId?: string
    sent?: boolean
  }

  it.each<[string, Case, boolean]>([
    ['of an observation that the server was known to have', {}, true],
    ['of one that it was not known to have', { known: false }, false],
    ['at a server with state hashes, which show it anyway', { page: { stateHash: OTHER } }, false],
    ['while its tombstone may be on a page that follows', { page: { hasMore: true } }, false],
    ['of one that came down with the answer', { page: { observations: [note] } }, false],
    ['that is none, but another conflict', { code: 'RECOMMENDATION_STALE_WRITE' }, false],
    ['of another recommendation', { entityId: 'rec_20260211_0009' }, false],
    ['that is an observation itself', { sent: false }, false],
  ])(
    '[ENG-59] %s starts a full pull: %s',
    async (_, { code = ORPHAN, page = {}, known = true, entityId, sent = true }, starts) => {
      const { change, stored } = await testContext()
      const document = sent ? advice : note
      const id = sent ? advice.recommendationId : note.observationId
      const entry = {
        key: '1',
        entry: { type: sent ? 'recommendation' : 'observation', id, document, writtenAt: 0 },
      } as const
      await change(async (changeset, transaction) => {
        const record = await changeset.read('observation', note.observationId)
        if (known) changeset.put({ ...record, server: note })
        const conflict = { code, entityId: entityId ?? id } as SyncConflict
        const write = { ...entry, known: document, sent: document }
        await pullForOrphans(changeset, transaction, [write], [conflict], downstream(page))
      })
      expect(stored('fullPull') !== undefined).toBe(starts)
      if (starts) expect(stored('fullPull')).toMatchObject({ reason: 'drift' })
    },
  )
})
