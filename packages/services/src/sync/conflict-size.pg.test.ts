import { observation, syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

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
