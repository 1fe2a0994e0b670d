import { ObservationId, type PageInput } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import type { Page } from '../core/json-text.ts'
import { listPlaybooks } from '../playbooks/list.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { listRecommendations } from './list-recommendations.ts'
import { listCorrections, listObservations } from './list.ts'

const services = await testServices()

/** Follows a list to its end; `between` runs after every page. */
async function follow<T>(
  list: (input: PageInput) => Promise<Page<T>>,
  limit: number,
  between?: () => Promise<unknown>,
): Promise<T[]> {
  const all: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await list({ limit, ...(cursor && { cursor }) })
    const items = page.items.toJSON()
    expect(items.length).toBeLessThanOrEqual(limit)
    if (page.nextCursor) expect(items).toHaveLength(limit)
    all.push(...items)
    if (all.length > 1000) throw new Error('the list does not end')
    cursor = page.nextCursor
    await between?.()
  }
  return all
}

async function agronomist(): Promise<TestDevice> {
  return await (await services.workspace()).device('dev_agro_1', 'agronomist')
}

const mine = { deviceId: 'dev_agro_1' }
const some = (count: number) => Array.from({ length: count }, () => observation(mine))
const observations = (agro: TestDevice) => (input: PageInput) => listObservations({ ctx: agro.ctx(), input })

describe('lists of records', () => {
  it.each([1, 2, 3, 7, 500])(
    '[OPS-6][OPS-17] of %i a page show everything once, the newest change first',
    async (limit) => {
      const agro = await agronomist()
      const made = some(7)
      await agro.push({ observations: made.slice(0, 4) })
      await agro.push({ observations: made.slice(4) })
      const [first] = made
      if (!first) throw new Error('some were made')
      const changed = { ...first, rawNoteText: 'Edited', updatedAt: '2026-02-12T07:00:00Z' }
      await agro.push({ observations: [changed] })
      expect(await follow(observations(agro), limit)).toEqual([changed, ...made.slice(1).toReversed()])
    },
  )

  it('[OPS-17] following visits what was there and did not change once, while new records arrive', async () => {
    const agro = await agronomist()
    const made = some(9)
    await agro.push({ observations: made })
    const [, , early, , late] = made
    let edits = 0
    const seen = await follow(observations(agro), 2, async () => {
      await agro.push({ observations: some(3) })
      const edited = edits++ === 0 ? early : late
      if (edited)
        await agro.push({
          observations: [
            { ...edited, rawNoteText: `Edit ${edits}`, updatedAt: `2026-02-12T07:0${edits}:00Z` },
          ],
        })
    })
    const untouched = made.filter((each) => each !== early && each !== late)
    expect(seen.filter((each) => untouched.some((one) => one.observationId === each.observationId))).toEqual(
      untouched.toReversed(),
    )
    expect(new Set(seen.map((each) => each.observationId)).size).toBe(seen.length)
  })

  it('[OPS-17] hold 50 unless asked otherwise', async () => {
    const agro = await agronomist()
    await agro.push({ observations: some(51) })
    const page = await listObservations({ ctx: agro.ctx(), input: {} })
    expect(page.items.toJSON()).toHaveLength(50)
    expect(page.nextCursor).not.toBeNull()
  })

  it('[OPS-9] recommendations, narrowed to one observation', async () => {
    const agro = await agronomist()
    const [one, two] = some(2)
    if (!one || !two) throw new Error('two were made')
    const advice = [one, two, one, two, one].map(({ observationId }) => recommendation({ observationId }))
    await agro.push({ observations: [one, two], recommendations: advice })
    const list = (observationId: string | undefined) => (input: PageInput) =>
      listRecommendations({
        ctx: agro.ctx(),
        input: { ...input, observationId: ObservationId.optional().parse(observationId) },
      })
    const found = async (observationId?: string) =>
      (await follow(list(observationId), 2)).map(({ recommendationId }) => recommendationId)
    const ids = advice.map(({ recommendationId }) => recommendationId)
    expect(await found()).toEqual(ids.toReversed())
    expect(await found(one.observationId)).toEqual([ids[4], ids[2], ids[0]])
    expect(await follow(list('obs_20260211_0009'), 2)).toEqual([])
  })

  it('[OPS-8] corrections of one observation', async () => {
    const agro = await agronomist()
    const seen = observation({ ...mine, status: 'confirmed' })
    const steps = Array.from({ length: 5 }, (_, i) => ({
      ...seen,
      deterministicChecksum: `sha256:0000000${i}`,
      correction: {
        correctionId: `cor_${i}`,
        reason: 'Wrong block',
        correctedAt: '2026-02-11T20:00:00Z',
        supersedes: i === 0 ? seen.deterministicChecksum : `sha256:0000000${i - 1}`,
      },
    }))
    await agro.push({ observations: [seen, ...steps.slice(0, 3)] })
    await agro.push({ observations: steps.slice(3) })
    const input = { observationId: ObservationId.parse(seen.observationId) }
    const ids = (
      await follow((page) => listCorrections({ ctx: agro.ctx(), input: { ...page, ...input } }), 2)
    ).map(({ correctionId }) => correctionId)
    expect(ids).toEqual(['cor_4', 'cor_3', 'cor_2', 'cor_1', 'cor_0'])
  })

  it('[OPS-11] playbooks in their active version', async () => {
    const agro = await agronomist()
    await agro.push({ playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })] })
    const page = await listPlaybooks({ ctx: agro.ctx(), input: {} })
    expect(page.items.toJSON().map(({ playbookId, version }) => [playbookId, version])).toEqual([
      ['pbk_yolo_grape', 4],
    ])
  })

  it.each(['x', 'k', 'k-1', 'k1.5', 'k9999999999999999', 'a1.0', 'k1 ', "k1'; --"])(
    '[ERR-5] refuse the cursor %j',
    async (cursor) => {
      const agro = await agronomist()
      const invalid = { code: 'VALIDATION_ERROR', details: { issues: [{ path: '/cursor' }] } }
      await expect(listObservations({ ctx: agro.ctx(), input: { cursor } })).rejects.toMatchObject(invalid)
      await expect(listRecommendations({ ctx: agro.ctx(), input: { cursor } })).rejects.toMatchObject(invalid)
      await expect(listPlaybooks({ ctx: agro.ctx(), input: { cursor } })).rejects.toMatchObject(invalid)
      if (cursor !== 'a1.0')
        await expect(listAudit({ ctx: agro.ctx(), input: { cursor } })).rejects.toMatchObject(invalid)
    },
  )
})

describe('the audit', () => {
  async function audited() {
    const agro = await agronomist()
    for (const size of [1, 12, 3]) await agro.push({ observations: some(size) })
    await agro.push({ observations: [observation({ deviceId: 'dev_other' })] })
    for (let i = 0; i < 15; i++) await agro.push({ observations: some(1) })
    const all = (await listAudit({ ctx: agro.ctx(), input: { limit: 500 } })).items.toJSON()
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((a, b) => b - a))
    expect(all).toHaveLength(2 + 16 + 1 + 15)
    return { agro, all }
  }

  it.each([1, 2, 5, 33, 34, 35])(
    '[AUD-11] of %i a page lists one entry per change, newest first',
    async (limit) => {
      const { agro, all } = await audited()
      expect(await follow((input) => listAudit({ ctx: agro.ctx(), input }), limit)).toEqual(all)
    },
  )

  it('[AUD-11] goes on through new entries without showing them', async () => {
    const { agro, all } = await audited()
    expect(
      await follow(
        (input) => listAudit({ ctx: agro.ctx(), input }),
        5,
        () => agro.push({ observations: some(2) }),
      ),
    ).toEqual(all)
  })

  it.each([1, 4, 100])('[AUD-11] of %i a page lists oldest first behind an entry', async (limit) => {
    const { agro, all } = await audited()
    const oldestFirst = all.toReversed()
    for (const start of [0, 5, 6, 13, 14, 33]) {
      const after = oldestFirst[start]?.entryId ?? ''
      const list = (input: PageInput) => listAudit({ ctx: agro.ctx(), input: { ...input, after } })
      expect(await follow(list, limit)).toEqual(oldestFirst.slice(start + 1))
    }
    const everything = await follow(
      (input) => listAudit({ ctx: agro.ctx(), input: { ...input, after: '0' } }),
      limit,
    )
    expect(everything).toEqual(oldestFirst)
  })

  it('[AUD-11] following shows what is appended later', async () => {
    const { agro, all } = await audited()
    const after = all[0]?.entryId ?? ''
    const list = () => listAudit({ ctx: agro.ctx(), input: { after } })
    expect((await list()).items.toJSON()).toEqual([])
    await agro.push({ observations: some(2) })
    expect((await list()).items.toJSON().map(({ entryId }) => entryId)).toEqual(['22.0', '22.1'])
  })

  it('[OPS-16][ACC-10] is for those who may read it', async () => {
    const workspace = await services.workspace()
    for (const role of ['viewer', 'scout'] as const) {
      const device = await workspace.device(`dev_${role}`, role)
      await expect(listAudit({ ctx: device.ctx(), input: {} })).rejects.toMatchObject({
        code: 'FORBIDDEN',
        details: { reason: 'role' },
      })
    }
  })
})
