import { Observation, Recommendation } from '@fieldsync/contracts'
import { observation, recommendation, syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { importRecords } from '../records/import.ts'
import { rowCounts } from '../testing/footprint.ts'
import { testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const small = observation()
/** About 400 kB, most of it in its symptoms. */
const large = {
  ...small,
  status: 'confirmed' as const,
  extraction: { ...small.extraction, symptoms: Array.from({ length: 200 }, () => '\u{1f347}'.repeat(500)) },
}
const edits = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...observation(),
    observationId: large.observationId,
    rawNoteText: `${i}`,
  }))

it('[ERR-17] a batch whose conflicts repeat too much is refused as a whole, and passes in parts', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  await alice.push({ observations: [large] })
  const before = await rowCounts(services, workspace.workspaceId)
  await expect(alice.push({ observations: edits(100) })).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    details: { maxRecords: 50 },
  })
  expect(await rowCounts(services, workspace.workspaceId)).toEqual(before)
  const part = await alice.push({ observations: edits(10) })
  expect(part.conflicts.map(({ code }) => code)).toEqual(edits(10).map(() => 'OBSERVATION_IMMUTABLE'))
  expect((await alice.push({ observations: edits(1) })).conflicts).toMatchObject([
    { server: { record: large } },
  ])
})

it('[ERR-17][IDM-2] a batch that was answered before is replayed, whatever it would meet now', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const drafts = Array.from({ length: 60 }, () => ({
    ...observation({ updatedAt: '2026-02-11T18:00:00Z' }),
    status: 'draft' as const,
  }))
  const batch = syncBatch({ observations: drafts })
  const first = await alice.send(batch)
  const { symptoms } = large.extraction
  await alice.push({
    observations: drafts.map((draft) => ({
      ...draft,
      status: 'confirmed' as const,
      updatedAt: '2026-02-11T19:00:00Z',
      extraction: { ...draft.extraction, symptoms },
    })),
  })
  expect(await alice.send(batch)).toEqual({ ...first, replayed: true })
  // Under a new key it is another batch, and its conflicts are too many.
  await expect(alice.send({ ...batch, syncId: 'syn_other' })).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    details: { maxRecords: 30 },
  })
  await expect(alice.send({ ...batch, syncId: 'syn_third' }, batch.syncId)).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  })
})

it('[ERR-17][RUN-22] an import whose conflicts repeat too much is carried out in parts, and reports each record in order', async () => {
  const workspace = await services.workspace()
  const office = await workspace.device('dev_office', 'admin')
  const alice = await workspace.device('dev_scout_1')
  await alice.push({ observations: [large] })
  const [first, last] = [observation(), observation()]
  const advice = [first, last].map(({ observationId }) => recommendation({ observationId }))
  const input = {
    observations: [first, ...edits(60), last].map((record) => Observation.parse(record)),
    recommendations: advice.map((record) => Recommendation.parse(record)),
    writtenBy: '2026-02-12T08:00:00.000Z',
    fileSha256: '0'.repeat(64),
    dryRun: false,
  }
  expect(await importRecords({ ctx: office.ctx(), input })).toMatchObject([
    { id: first.observationId, outcome: 'created' },
    ...edits(60).map(({ observationId: id }) => ({ id, outcome: 'refused', code: 'OBSERVATION_IMMUTABLE' })),
    { id: last.observationId, outcome: 'created' },
    ...advice.map(({ recommendationId: id }) => ({ id, outcome: 'created' })),
  ])
})
