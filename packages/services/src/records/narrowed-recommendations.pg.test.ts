import { ObservationId, type RecommendationsInput } from '@fieldsync/contracts'
import { type ObservationInput, observation, recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { SCANNED_ROWS } from '../lists/keyset.ts'
import { followPages } from '../testing/follow-pages.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { listRecommendations } from './list-recommendations.ts'

const services = await testServices()
const list = (device: TestDevice) => (input: RecommendationsInput) =>
  listRecommendations({ ctx: device.ctx(), input })
const idsOf = (records: readonly { recommendationId: string }[]) =>
  records.map(({ recommendationId }) => recommendationId)

const at = (hour: number) => `2026-02-11T${10 + hour}:00:00Z`

/** Eight recommendations, each an hour after the one before: two to a note. */
async function farm() {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  const notes = Array.from({ length: 4 }, () => observation({ deviceId: 'dev_admin', status: 'confirmed' }))
  const made = Array.from({ length: 8 }, (_, serial) =>
    recommendation({
      observationId: notes[serial % 4]?.observationId,
      status: (['pending_confirmation', 'confirmed', 'rejected'] as const)[serial % 3],
      issue: serial < 4 ? 'powdery_mildew' : 'heat_stress',
      playbookId: serial % 2 === 0 ? 'pbk_yolo_grape' : 'pbk_lodi_grape',
      generatedAt: at(serial),
      updatedAt: at(serial),
    }),
  )
  await admin.push({ observations: notes })
  // One after the other, so that their order is known.
  for (const each of made) await admin.push({ recommendations: [each] })
  return { admin, notes, newestFirst: made.toReversed() }
}

const shared = farm()

const WAYS: [string, RecommendationsInput, (record: ReturnType<typeof recommendation>) => boolean][] = [
  ['status', { status: 'confirmed' }, ({ status }) => status === 'confirmed'],
  ['issue', { issue: 'heat_stress' }, ({ issue }) => issue === 'heat_stress'],
  [
    'playbook',
    { playbookId: 'pbk_lodi_grape' } as RecommendationsInput,
    ({ playbookId }) => playbookId === 'pbk_lodi_grape',
  ],
  ['start', { from: at(3) }, ({ generatedAt }) => generatedAt >= at(3)],
  ['end', { to: at(3) }, ({ generatedAt }) => generatedAt < at(3)],
  [
    'all of these',
    {
      status: 'confirmed',
      issue: 'heat_stress',
      from: at(1),
      to: at(8),
      playbookId: 'pbk_yolo_grape',
    } as RecommendationsInput,
    ({ status, issue, playbookId }) =>
      status === 'confirmed' && issue === 'heat_stress' && playbookId === 'pbk_yolo_grape',
  ],
]

it.each(WAYS)('[OPS-9, OPS-28] are narrowed by %s, newest change first', async (_way, input, fits) => {
  const { admin, newestFirst } = await shared
  const expected = newestFirst.filter(fits)
  expect(expected.length).toBeGreaterThan(0)
  for (const limit of [1, 500]) {
    const { items } = await followPages((page) => list(admin)({ limit, ...input, ...page }))
    expect(idsOf(items)).toEqual(idsOf(expected))
  }
})

it('[OPS-9] those of one observation are narrowed as well', async () => {
  const { admin, notes, newestFirst } = await shared
  const observationId = ObservationId.parse(notes[0]?.observationId)
  const { items } = await followPages((page) => list(admin)({ observationId, status: 'confirmed', ...page }))
  expect(idsOf(items)).toEqual(
    idsOf(newestFirst.filter((each) => each.observationId === observationId && each.status === 'confirmed')),
  )
})

it('[OPS-29] a rare one is found by following pages that look at a bounded number each', async () => {
  const { admin, newestFirst } = await farm()
  await services.owner.pool.query(
    `INSERT INTO recommendations (workspace_id, recommendation_id, observation_id, status, document, document_bytes, time_micros, revision, position, stored_at)
     SELECT workspace_id, 'copy_' || i, observation_id, status, document, document_bytes, time_micros, 1, position + i, stored_at
     FROM (SELECT * FROM recommendations WHERE workspace_id = $1 ORDER BY position DESC LIMIT 1) r, generate_series(1, $2) i`,
    [admin.ctx().actor.workspaceId, SCANNED_ROWS],
  )
  const { items, pages } = await followPages((page) =>
    list(admin)({ status: 'rejected', issue: 'powdery_mildew', ...page }),
  )
  expect(idsOf(items)).toEqual(
    idsOf(newestFirst.filter(({ status, issue }) => status === 'rejected' && issue === 'powdery_mildew')),
  )
  expect(pages).toEqual([0, 1])
})

describe('what a list says of a recommendation besides', () => {
  async function listed(notes: readonly ObservationInput[], made: ReturnType<typeof recommendation>[]) {
    const workspace = await services.workspace()
    const admin = await workspace.device('dev_admin', 'admin')
    await admin.push({ observations: [...notes] })
    await admin.push({ recommendations: made })
    const { items } = await followPages((page) => list(admin)({ limit: 1, ...page }))
    return new Map<string, object>(items.map((each) => [each.recommendationId, each]))
  }
  const note = (more: object = {}) => observation({ deviceId: 'dev_admin', status: 'confirmed', ...more })

  it('[OPS-94] names the block where it was observed, and the record itself is what is stored', async () => {
    const { extraction } = observation()
    const notes = [
      note({ extraction: { ...extraction, fieldBlock: 'Block 9' } }),
      note({ notObserved: ['/extraction/fieldBlock'] }),
    ]
    const [one, other] = notes.map(({ observationId }) => recommendation({ observationId }))
    if (!one || !other) throw new Error('made two')
    const found = await listed(notes, [one, other])
    expect(found.get(one.recommendationId)).toEqual({ ...one, fieldBlock: 'Block 9' })
    expect(found.get(other.recommendationId)).not.toHaveProperty('fieldBlock')
  })

  it('[OPS-94] names what takes its place at the end of the chain, on whichever page that is', async () => {
    const [own, foreign] = [note(), note()]
    const of = ({ observationId }: ObservationInput, more: object = {}) =>
      recommendation({ observationId, ...more })
    const first = of(own)
    const second = of(own, { supersedes: first.recommendationId, playbookVersion: 4 })
    const third = of(own, { supersedes: second.recommendationId, playbookVersion: 5 })
    const elsewhere = of(foreign, { supersedes: third.recommendationId })
    const found = await listed([own, foreign], [first, second, third, elsewhere])
    for (const { recommendationId } of [first, second])
      expect(found.get(recommendationId)).toMatchObject({ replacedBy: third.recommendationId })
    for (const { recommendationId } of [third, elsewhere])
      expect(found.get(recommendationId)).not.toHaveProperty('replacedBy')
  })
})
