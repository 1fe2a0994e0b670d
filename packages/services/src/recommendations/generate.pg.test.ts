import { derivedRecommendationId, NO_WEATHER } from '@fieldsync/agronomy'
import { describe, expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import { content, Publisher, STARTER } from '../testing/publishing.ts'
import { generate, mildew, recommendationsOf, scoutedBlock, windTo } from '../testing/scouted-block.ts'
import { testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const DEMO = 'wxf_20260211_demo_01'
const ANY = { playbookId: undefined }

describe('a recommendation that the server generates', () => {
  it('[REC-12, OPS-93] has the derived id, is stored as pending, and reaches every device with its next pull', async () => {
    const { scout, agro, seen } = await scoutedBlock(services)
    const { serverCursor } = await agro.pull()
    const { answer } = await generate(scout, { ...only(seen), weatherFeaturesId: DEMO })
    expect(answer).toMatchObject({
      recommendationId: derivedRecommendationId({
        observationId: seen.observationId,
        playbookId: STARTER,
        playbookVersion: 3,
        weatherFeaturesId: DEMO,
      }),
      status: 'pending_confirmation',
      playbookVersion: 3,
      rationale: ['high_humidity_persistence'],
      timingWindow: { localTimezone: 'America/Los_Angeles' },
    })
    expect([...(await recommendationsOf(agro, serverCursor)).values()]).toEqual([answer])
  })

  it('[REC-12] is the same record for the same observation, version and weather, also after an hour and by somebody else', async () => {
    const { scout, agro, seen } = await scoutedBlock(services)
    const first = await generate(scout, only(seen))
    services.clock.advance(3_600_000)
    const second = await generate(agro, only(seen))
    services.clock.advance(-3_600_000)
    expect(second.answer).toEqual(first.answer)
    expect((await recommendationsOf(scout)).size).toBe(1)
  })

  it('[REC-12, IDM-2] under one key is answered once; another request under it is refused', async () => {
    const { scout, seen } = await scoutedBlock(services)
    const first = await generate(scout, only(seen), 'a key')
    expect(await generate(scout, only(seen), 'a key')).toEqual({ ...first, replayed: true })
    await expect(generate(scout, { ...only(seen), weatherFeaturesId: DEMO }, 'a key')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
  })

  it('[REC-12, AUD-2] has one entry in the audit, of who asked', async () => {
    const { scout, agro, seen } = await scoutedBlock(services)
    const { answer } = await generate(scout, only(seen))
    const { items } = await listAudit({ ctx: agro.ctx(), input: { limit: 1 } })
    expect(items.toJSON()).toMatchObject([
      {
        action: 'recommendations.generate',
        actor: { deviceId: 'dev_scout_1' },
        target: { type: 'recommendation', id: answer.recommendationId },
        change: { kind: 'create', beforeSha256: null },
      },
    ])
  })

  it('[REC-12] is made for the author and for those who may correct, and for nobody else', async () => {
    const { workspace, agro, seen } = await scoutedBlock(services)
    const other = await workspace.device('dev_scout_2')
    const viewer = await workspace.device('dev_viewer_1', 'viewer')
    for (const caller of [other, viewer])
      await expect(generate(caller, only(seen))).rejects.toMatchObject({
        code: 'FORBIDDEN',
        details: { reason: 'role' },
      })
    await expect(generate(agro, { ...only(seen), requestedByDeviceId: 'dev_scout_1' })).rejects.toMatchObject(
      { code: 'FORBIDDEN', details: { reason: 'device_mismatch' } },
    )
    expect((await generate(agro, { ...only(seen), requestedByDeviceId: 'dev_agro_1' })).replayed).toBe(false)
  })

  it('[REC-13] rests on the stored record of no weather where the server has none, which every workspace has', async () => {
    const { scout, seen } = await scoutedBlock(services)
    const { answer } = await generate(scout, only(seen))
    expect(answer).toMatchObject({
      weatherFeaturesId: NO_WEATHER.weatherFeaturesId,
      riskFlags: ['weather_data_missing'],
    })
    const { rows } = await services.db.pool.query(
      'SELECT document FROM weather_features WHERE workspace_id = $1 AND weather_features_id = $2',
      [scout.actor.workspaceId, answer.weatherFeaturesId],
    )
    expect(rows).toEqual([{ document: NO_WEATHER }])
  })

  it("[REC-13] takes the workspace's only playbook that is in use; of none or several it says so", async () => {
    const { workspace, scout, seen } = await scoutedBlock(services)
    const by = new Publisher(await workspace.device('dev_admin', 'admin'))
    expect((await generate(scout, { ...only(seen), ...ANY })).answer.playbookId).toBe(STARTER)
    await by.create(content('New.', 'pbk_new'))
    const refused = (reason: string) => ({ code: 'CONFLICT', details: { reason } })
    await expect(generate(scout, { ...only(seen), ...ANY })).rejects.toMatchObject(
      refused('several_playbooks'),
    )
    await by.retire(3)
    expect((await generate(scout, { ...only(seen), ...ANY })).answer.playbookId).toBe('pbk_new')
    await expect(generate(scout, only(seen))).rejects.toMatchObject(refused('playbook_retired'))
  })

  it('[REC-13] names what is stored: an unknown observation, playbook or weather is 404, another version a mismatch', async () => {
    const { scout, seen } = await scoutedBlock(services)
    for (const input of [
      only(mildew()),
      { ...only(seen), playbookId: 'pbk_unknown' },
      { ...only(seen), weatherFeaturesId: 'wxf_20260211_unknown' },
    ])
      await expect(generate(scout, input)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(generate(scout, { ...only(seen), playbookVersion: 2 })).rejects.toMatchObject({
      code: 'PLAYBOOK_VERSION_MISMATCH',
      details: { activeVersion: 3 },
    })
    expect((await recommendationsOf(scout)).size).toBe(0)
  })

  it('[REC-14] is refused, and nothing stored, where the playbook has no rule for it', async () => {
    const { scout } = await scoutedBlock(services)
    const other = mildew()
    const unruled = { ...other, extraction: { ...other.extraction, issue: 'other' as const } }
    await scout.push({ observations: [unruled] })
    const { rows: before } = await services.db.pool.query(HEAD, [scout.actor.workspaceId])
    await expect(generate(scout, only(unruled))).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'no_rule' },
    })
    expect((await services.db.pool.query(HEAD, [scout.actor.workspaceId])).rows).toEqual(before)
  })

  it('[REC-15] by a version that is replaced before it is written is computed again', async () => {
    const { scout, agro, seen } = await scoutedBlock(services)
    // The patch comes in between: after everything was read, before the write.
    let patched: Promise<unknown> | undefined
    const slow = scout.interrupted((statement) => {
      if (statement !== 'fieldsync_commit_all' || patched) return undefined
      return (patched = agro.patch(windTo(10, { baseVersion: 3 }))).then(() => undefined)
    })
    const { answer } = await generate(slow, only(seen))
    expect(answer).toMatchObject({ playbookVersion: 4 })
    expect(answer.timingWindow.drivers).toContain('maxWindKph=10')
    expect((await recommendationsOf(scout)).size).toBe(1)
  })
})

const HEAD = 'SELECT position, audit_seq FROM workspace_heads WHERE workspace_id = $1'

const only = ({ observationId }: { observationId: string }) => ({ observationId })
