import { ObservationId, PatchId, PlaybookId, RecommendationId, WeatherFeaturesId } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import { listDevices } from '../devices/list.ts'
import { getPatch, getPlaybook } from '../playbooks/get.ts'
import { listPlaybooks } from '../playbooks/list.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { getObservation, getRecommendation, getWeather } from './get.ts'
import { listRecommendations } from './list-recommendations.ts'
import { listCorrections, listObservations } from './list.ts'

const services = await testServices()

const correction = {
  correctionId: 'cor_1',
  reason: 'Restored',
  correctedAt: '2026-02-11T20:00:00Z',
  supersedes: 'sha256:00000000',
}
const seen = observation({ deviceId: 'dev_admin', status: 'confirmed', correction })
const advice = recommendation({ observationId: seen.observationId })
const patch = playbookPatch({ requestedByDeviceId: 'dev_admin' })
const ids = {
  observationId: ObservationId.parse(seen.observationId),
  recommendationId: RecommendationId.parse(advice.recommendationId),
  patchId: PatchId.parse(patch.patchId),
  playbookId: PlaybookId.parse('pbk_yolo_grape'),
  weatherFeaturesId: WeatherFeaturesId.parse('wxf_20260211_private'),
}

/** Two workspaces with a device of one name and all rights; the first holds everything above. */
async function two(): Promise<[TestDevice, TestDevice]> {
  const ours = await (await services.workspace()).device('dev_admin', 'admin')
  await ours.push({ observations: [seen], recommendations: [advice], playbookPatches: [patch] })
  await services.owner.pool.query(
    `INSERT INTO weather_features SELECT workspace_id, 'wxf_20260211_private', document, now() FROM weather_features WHERE workspace_id = $1 LIMIT 1`,
    [ours.actor.workspaceId],
  )
  return [ours, await (await services.workspace()).device('dev_admin', 'admin')]
}

const READS: Record<string, (device: TestDevice) => Promise<{ text: string }>> = {
  getObservation: (device) => getObservation({ ctx: device.ctx(), input: ids }),
  '[OPS-8] listCorrections': async (device) =>
    (await listCorrections({ ctx: device.ctx(), input: ids })).items,
  '[OPS-10] getRecommendation': (device) => getRecommendation({ ctx: device.ctx(), input: ids }),
  '[OPS-14] getPatch': (device) => getPatch({ ctx: device.ctx(), input: ids }),
  'getPlaybook, a version': (device) => getPlaybook({ ctx: device.ctx(), input: { ...ids, version: 4 } }),
  '[OPS-15] getWeather': (device) => getWeather({ ctx: device.ctx(), input: ids }),
}

const LISTS: Record<string, (device: TestDevice) => Promise<{ items: { text: string } }>> = {
  listObservations: (device) => listObservations({ ctx: device.ctx(), input: {} }),
  listRecommendations: (device) => listRecommendations({ ctx: device.ctx(), input: {} }),
  'listRecommendations of an observation': (device) => listRecommendations({ ctx: device.ctx(), input: ids }),
  listAudit: (device) => listAudit({ ctx: device.ctx(), input: {} }),
  listPlaybooks: (device) => listPlaybooks({ ctx: device.ctx(), input: {} }),
}

describe('another workspace', () => {
  it.each(Object.entries(READS))(
    '[GUA-7][ACC-5][OPS-7] %s answers NOT_FOUND, as for what never was',
    async (_name, read) => {
      const [ours, theirs] = await two()
      expect((await read(ours)).text.length).toBeGreaterThan(2)
      const nobody = await (await services.workspace()).device('dev_admin', 'admin')
      const refusal = await read(theirs).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'NOT_FOUND' })
      expect(await read(nobody).catch((error: unknown) => error)).toEqual(refusal)
    },
  )

  it.each(Object.entries(LISTS))('[GUA-7] %s shows only the own', async (_name, list) => {
    const [ours, theirs] = await two()
    const [all, none] = [(await list(ours)).items.text, (await list(theirs)).items.text]
    for (const secret of [seen.observationId, advice.recommendationId, patch.patchId, 'Restored'])
      expect(none).not.toContain(secret)
    expect(all).not.toBe(none)
    expect(none).not.toContain(ours.actor.workspaceId)
  })

  it('[GUA-7][IDS-3] its records are unknown to the rules, and the same ids name other records', async () => {
    const [ours, theirs] = await two()
    const before = await footprint(services, ours.actor.workspaceId)
    const lone = await theirs.push({ recommendations: [advice] })
    expect(lone.conflicts.map(({ code }) => code)).toEqual(['RECOMMENDATION_ORPHAN'])
    expect(JSON.stringify(lone)).not.toContain(seen.rawNoteText)
    const other = { ...seen, rawNoteText: 'Another record', deterministicChecksum: 'sha256:0000000f' }
    const batch = syncBatch({
      observations: [other],
      recommendations: [{ ...advice, action: 'Another' }],
      playbookPatches: [{ ...patch, reason: 'Another' }],
    })
    const { answer } = await theirs.send(batch)
    expect(answer).toMatchObject({
      acceptedCounts: { observations: 1, recommendations: 1, playbookPatches: 1 },
      conflicts: [],
    })
    expect((await theirs.create(other)).answer).toEqual(other)
    expect(await footprint(services, ours.actor.workspaceId)).toEqual(before)
    expect((await ours.pull()).downstream.observations).toEqual([seen])
    expect((await theirs.pull()).downstream.observations).toEqual([other])
  })

  it('[GUA-7][OPS-22] its device of the same name has a state, a report and conflicts of its own', async () => {
    const [ours, theirs] = [
      await (await services.workspace()).device('dev_namesake', 'admin'),
      await (await services.workspace()).device('dev_namesake', 'admin'),
    ]
    await theirs.push({
      recommendations: [recommendation()],
      report: { pending: 7, conflicts: 1, quarantined: 0 },
    })
    const listed = async (device: TestDevice) =>
      (await listDevices({ ctx: device.ctx(), input: {} })).items.toJSON()
    expect(await listed(ours)).toMatchObject([{ state: 'never', openConflicts: 0, report: null }])
    expect(await listed(theirs)).toMatchObject([
      { state: 'conflicts', openConflicts: 1, report: { pending: 7 } },
    ])
  })

  it('[GUA-7][OPS-13] its playbook is unknown to a patch', async () => {
    const [ours, theirs] = await two()
    await services.owner.pool.query(
      `INSERT INTO playbooks SELECT workspace_id, 'pbk_private', 1, updated_at, 100, now() FROM playbooks WHERE workspace_id = $1`,
      [ours.actor.workspaceId],
    )
    const foreign = playbookPatch({
      requestedByDeviceId: 'dev_admin',
      playbookId: 'pbk_private',
      baseVersion: 1,
    })
    await expect(theirs.patch(foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { conflicts } = await theirs.push({ playbookPatches: [foreign] })
    expect(conflicts).toMatchObject([{ code: 'PLAYBOOK_UNKNOWN' }])
    await expect(
      getPlaybook({ ctx: theirs.ctx(), input: { playbookId: PlaybookId.parse('pbk_private') } }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('single records', () => {
  it('[OPS-12][OPS-14][PCH-14] a playbook by version and a patch with its outcome', async () => {
    const [ours] = await two()
    const version = async (wanted?: number) =>
      (await getPlaybook({ ctx: ours.ctx(), input: { ...ids, version: wanted } })).toJSON().version
    expect([await version(), await version(3), await version(4)]).toEqual([4, 3, 4])
    for (const none of [1, 5, 2_147_483_648, Number.MAX_SAFE_INTEGER])
      await expect(version(none)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await ours.push({ playbookPatches: [patch, { ...patch, reason: 'Reused' }] })
    expect((await getPatch({ ctx: ours.ctx(), input: ids })).toJSON()).toEqual({
      patch,
      status: 'applied',
      oldVersion: 3,
      newVersion: 4,
      code: null,
      receivedAt: services.clock.now().toISOString(),
      deviceId: 'dev_admin',
    })
    const refused = playbookPatch({ requestedByDeviceId: 'dev_admin', baseVersion: 9 })
    await ours.patch(refused).catch(() => undefined)
    await ours.patch({ ...refused, requestedByDeviceId: 'dev_other' }).catch(() => undefined)
    expect(
      (await getPatch({ ctx: ours.ctx(), input: { patchId: PatchId.parse(refused.patchId) } })).toJSON(),
    ).toMatchObject({ status: 'rejected', code: 'FORBIDDEN', newVersion: null })
  })
})
