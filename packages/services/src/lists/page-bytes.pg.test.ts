import { ObservationId, type PageInput } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import type { Page } from '../core/json-text.ts'
import { listRecommendations } from '../records/list-recommendations.ts'
import { listCorrections, listObservations } from '../records/list.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { MAX_PAGE_BYTES } from './page-bytes.ts'

const services = await testServices()
const agronomist = async (): Promise<TestDevice> =>
  await (await services.workspace()).device('dev_agro_1', 'agronomist')

/** Follows a list that is asked for as much as it gives; tells the bytes of each page and all items. */
async function follow<T>(
  list: (input: PageInput) => Promise<Page<T>>,
): Promise<{ bytes: number[]; items: T[] }> {
  const bytes: number[] = []
  const items: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await list({ limit: 500, ...(cursor && { cursor }) })
    bytes.push(Buffer.byteLength(page.items.text))
    const shown = page.items.toJSON()
    if (shown.length === 0 || bytes.length > 100) throw new Error('the list stands still')
    items.push(...shown)
    cursor = page.nextCursor
  }
  return { bytes, items }
}

/** One record more than the limit, and no page of a single one. */
function expectSeveralBoundedPages(bytes: readonly number[], largest: number): void {
  expect(bytes.length).toBeGreaterThan(1)
  for (const size of bytes) expect(size).toBeLessThan(MAX_PAGE_BYTES + 2 * largest)
  for (const size of bytes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(MAX_PAGE_BYTES)
}

const WIDE = '\u{1f347}'
const NOTE_BYTES = 20_000 * 4
const wideObservation = (overrides: object = {}) =>
  observation({ deviceId: 'dev_agro_1', rawNoteText: WIDE.repeat(20_000), ...overrides })

it('[OPS-6][OPS-17] a page of large observations ends at about 4 MiB, and following misses none', async () => {
  const agro = await agronomist()
  const made = Array.from({ length: 120 }, () => wideObservation())
  for (let i = 0; i < made.length; i += 60) await agro.push({ observations: made.slice(i, i + 60) })
  const { bytes, items } = await follow((input) => listObservations({ ctx: agro.ctx(), input }))
  expectSeveralBoundedPages(bytes, NOTE_BYTES + 10_000)
  expect(items).toEqual(made.toReversed())
})

it('[OPS-8][OPS-17] a page of corrections counts both contents', async () => {
  const agro = await agronomist()
  const seen = wideObservation({ status: 'confirmed' })
  const steps = Array.from({ length: 60 }, (_, i) => ({
    ...seen,
    deterministicChecksum: `sha256:000000${i + 10}`,
    correction: {
      correctionId: `cor_${i}`,
      reason: 'Wrong block',
      correctedAt: '2026-02-11T20:00:00Z',
      supersedes: i === 0 ? seen.deterministicChecksum : `sha256:000000${i + 9}`,
    },
  }))
  await agro.push({ observations: [seen, ...steps] })
  const observationId = ObservationId.parse(seen.observationId)
  const { bytes, items } = await follow((input) =>
    listCorrections({ ctx: agro.ctx(), input: { ...input, observationId } }),
  )
  expectSeveralBoundedPages(bytes, 2 * NOTE_BYTES + 20_000)
  expect(items.map(({ correctionId }) => correctionId)).toEqual(steps.map((_, i) => `cor_${i}`).toReversed())
})

it('[OPS-9][OPS-17] a page of large recommendations ends at about 4 MiB', async () => {
  const agro = await agronomist()
  const seen = observation({ deviceId: 'dev_agro_1' })
  const rationale = Array.from({ length: 200 }, () => WIDE.repeat(512))
  const advice = Array.from({ length: 15 }, () =>
    recommendation({ observationId: seen.observationId, rationale }),
  )
  await agro.push({ observations: [seen], recommendations: advice })
  const { bytes, items } = await follow((input) => listRecommendations({ ctx: agro.ctx(), input }))
  expectSeveralBoundedPages(bytes, 200 * 512 * 4 + 10_000)
  const { fieldBlock } = seen.extraction
  expect(items).toEqual(advice.toReversed().map((each) => ({ ...each, fieldBlock })))
})

it.each([undefined, '0'])(
  '[AUD-11][OPS-17] a page of large audit entries ends at about 4 MiB (after %s)',
  async (after) => {
    const agro = await agronomist()
    // Refused, and on record with every path that was to be changed.
    const operations = Array.from({ length: 200 }, (_, i) => ({
      op: 'remove' as const,
      path: `/${i}${WIDE.repeat(250)}`,
    }))
    const refused = Array.from({ length: 12 }, () =>
      playbookPatch({ requestedByDeviceId: 'dev_agro_1', operations }),
    )
    for (let i = 0; i < 2; i++) await agro.push({ playbookPatches: refused })
    const { bytes, items } = await follow((input) =>
      listAudit({ ctx: agro.ctx(), input: { ...input, ...(after && { after }) } }),
    )
    expectSeveralBoundedPages(bytes, 200 * 1010)
    const places = Array.from({ length: 24 }, (_, i) => `${3 + Math.floor(i / 12)}.${i % 12}`)
    const ids = ['1.0', '2.0', ...places]
    expect(items.map(({ entryId }) => entryId)).toEqual(after ? ids : ids.toReversed())
  },
)
