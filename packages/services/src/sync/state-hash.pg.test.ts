import { EMPTY_STATE_HASH } from '@fieldsync/domain'
import { observation, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { WorkspaceCopy } from '../testing/workspace-copy.ts'

const services = await testServices()

it('[HSH-2] is that of all records, after every kind of change, in the answers of pushes and pulls alike', async () => {
  const workspace = await services.workspace()
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const copy = new WorkspaceCopy()
  const first = await agro.pull()
  copy.take(first)
  expect(first.downstream.stateHash).toBe(copy.hash)
  expect(copy.hash).not.toBe(EMPTY_STATE_HASH)

  const draft = observation({ deviceId: 'dev_agro_1', updatedAt: '2026-02-11T18:00:00Z' })
  const confirmed = { ...draft, status: 'confirmed' as const, rawNoteText: 'Confirmed' }
  const corrected = {
    ...confirmed,
    rawNoteText: 'Corrected',
    deterministicChecksum: 'sha256:00000001',
    correction: {
      correctionId: 'cor_1',
      reason: 'Wrong block',
      correctedAt: '2026-02-11T20:00:00Z',
      supersedes: confirmed.deterministicChecksum,
    },
  }
  const advice = recommendation({
    observationId: draft.observationId,
    generatedAt: '2026-02-11T21:00:00Z',
  })
  const changes = [
    { observations: [draft] },
    { observations: [{ ...draft, updatedAt: '2026-02-11T18:30:00Z' }] },
    {
      observations: [{ ...confirmed, updatedAt: '2026-02-11T19:00:00Z' }, corrected],
      recommendations: [advice],
    },
    { recommendations: [{ ...advice, status: 'confirmed' as const, updatedAt: '2026-02-11T23:00:00Z' }] },
    { observations: [observation({ deviceId: 'dev_agro_9' })] },
    { playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })] },
  ]
  const hashes = new Set([copy.hash])
  for (const change of changes) {
    const pushed = await agro.push({ ...change, lastKnownServerCursor: first.serverCursor })
    for (const page of await agro.pullAll(first.serverCursor)) copy.take(page)
    expect(pushed.downstream.stateHash).toBe(copy.hash)
    expect((await agro.pull(pushed.serverCursor)).downstream.stateHash).toBe(copy.hash)
    hashes.add(copy.hash)
  }
  // Neither the moved time nor the refused record changed anything.
  expect(hashes.size).toBe(5)
})

it('[HSH-2] is present only where a page ends at the head, that of a push too', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  await alice.push({ observations: [observation(), observation(), observation()] })
  const pages = await alice.pullAll('', 2)
  expect(pages.map(({ downstream }) => [downstream.hasMore, downstream.stateHash !== undefined])).toEqual([
    [true, false],
    [false, true],
  ])
  const pushed = await alice.push({ observations: [observation()], maxDownstream: 2 })
  expect(pushed.downstream).toMatchObject({ hasMore: true })
  expect(pushed.downstream).not.toHaveProperty('stateHash')
})

it('[HSH-3][CUR-3] belongs to the very page that tells it, also while others write', async () => {
  const workspace = await services.workspace()
  const writers = await Promise.all(
    ['dev_scout_1', 'dev_scout_2', 'dev_scout_3'].map((id) => workspace.device(id)),
  )
  const reader = await workspace.device('dev_reader')
  const drafts = writers.map((writer) =>
    Array.from({ length: 4 }, () => observation({ deviceId: writer.actor.deviceId })),
  )
  let writing = true
  const edits = Promise.all(
    writers.map(async (writer, w) => {
      const random = seededRandom(w + 1)
      for (let n = 0; n < 40; n++) {
        const draft = drafts[w]?.[random.int(0, 3)]
        if (!draft) throw new Error('no draft')
        const updatedAt = new Date(Date.parse('2026-02-11T00:00:00Z') + n * 1000).toISOString()
        await writer.push({ observations: [{ ...draft, rawNoteText: `Edit ${n}`, updatedAt }] })
      }
    }),
  ).finally(() => {
    writing = false
  })
  const copy = new WorkspaceCopy()
  let cursor = ''
  let heads = 0
  for (let last = false; !last;) {
    // One more time after the last write.
    last = !writing
    const page = await reader.pull(cursor, 3)
    copy.take(page)
    cursor = page.serverCursor
    if (page.downstream.hasMore) {
      last = false
      continue
    }
    heads++
    expect(page.downstream.stateHash).toBe(copy.hash)
  }
  await edits
  expect(heads).toBeGreaterThan(1)
})
