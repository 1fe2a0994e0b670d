import { derivedRecommendationId, NO_WEATHER, replacedBy } from '@fieldsync/agronomy'
import { PlaybookPatch, Proposal, type WorkspaceId } from '@fieldsync/contracts'
import { canonicalRecord, combineDigests, recordDigest } from '@fieldsync/domain'
import { describe, expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { sha256 } from '../core/json-text.ts'
import { applyPlaybookPatch } from '../playbooks/apply-patch.ts'
import { approveProposal } from '../playbooks/decide-proposal.ts'
import { asPerson, content, Publisher, setFourEyes, STARTER } from '../testing/publishing.ts'
import {
  advised,
  blockWithAdvice,
  DEMO_WEATHER,
  driverOf,
  mildew,
  recommendationsOf,
  scoutedBlock,
  successorIn,
  windTo,
} from '../testing/scouted-block.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { RECOMPUTED_AT_ONCE } from './add-successors.ts'

const services = await testServices()

const expectAudit = async (workspaceId: WorkspaceId) =>
  expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
    ok: true,
  })

/** The state hash of what is stored, computed anew (HSH-1). */
async function hashOf(device: TestDevice): Promise<string> {
  const pages = await device.pullAll()
  const records = pages.flatMap(({ downstream }) => [
    ...downstream.observations.map((each) => ['observation', each.observationId, each] as const),
    ...downstream.recommendations.map((each) => ['recommendation', each.recommendationId, each] as const),
    ...(downstream.playbooks ?? []).map((each) => ['playbook', each.playbookId, each] as const),
  ])
  return combineDigests(
    ...records.map(([type, id, record]) => recordDigest(type, id, canonicalRecord(record), sha256)),
  )
}

const newestEntries = async (device: TestDevice, limit: number) =>
  (await listAudit({ ctx: device.ctx(), input: { limit } })).items.toJSON()

describe('an accepted change of a playbook', () => {
  it('[REC-16] gives a pending recommendation that it affects a successor, with its own weather, in the same commit', async () => {
    const { agro, scout, pending, seen } = await blockWithAdvice(services)
    const { serverCursor } = await scout.pull()
    const { answer } = await agro.patch(windTo(10, { baseVersion: 3 }))
    const id = derivedRecommendationId({
      observationId: seen.observationId,
      playbookId: STARTER,
      playbookVersion: 4,
      weatherFeaturesId: DEMO_WEATHER,
    })
    expect(answer.recomputedRecommendationId).toBe(id)
    const page = await scout.pull(serverCursor)
    expect(page.downstream.playbooks).toMatchObject([{ version: 4 }])
    expect(page.downstream.recommendations).toMatchObject([
      {
        recommendationId: id,
        supersedes: pending.recommendationId,
        playbookVersion: 4,
        weatherFeaturesId: DEMO_WEATHER,
        status: 'pending_confirmation',
        generatedAt: services.clock.now().toISOString(),
      },
    ])
    expect(driverOf(page.downstream.recommendations[0], 'maxWindKph')).toBe('10')
  })

  it('[REC-16] leaves a recommendation without a successor where the rule is the same, and where nothing that matters differs', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const heat = '/rules/rule_heat_moderate/action/instructions'
    const other = windTo(10, { baseVersion: 3 })
    const operations = [{ op: 'replace' as const, path: heat, value: 'Irrigate.' }]
    expect((await agro.patch({ ...other, operations })).answer.recomputedRecommendationId).toBeNull()
    // Another rule's end, and back.
    const same = windTo(12, { baseVersion: 4 })
    expect((await agro.patch(same)).answer.recomputedRecommendationId).toBeNull()
    expect([...(await recommendationsOf(scout)).keys()]).toEqual([pending.recommendationId])
  })

  it('[REC-16] leaves alone what is decided, and what has a window that is over', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const [past, rejected] = [mildew(), mildew()]
    const over = advised(past, {
      timingWindow: { ...advised(past).timingWindow, endAt: services.clock.now().toISOString() },
    })
    const decided = advised(rejected, { status: 'rejected' })
    await scout.push({ observations: [past, rejected], recommendations: [over, decided] })
    await scout.push({
      recommendations: [{ ...pending, status: 'confirmed', updatedAt: '2026-02-12T08:00:00.001Z' }],
    })
    expect((await agro.patch(windTo(10, { baseVersion: 3 }))).answer.recomputedRecommendationId).toBeNull()
    expect((await recommendationsOf(scout)).size).toBe(3)
  })

  it('[REC-16] finds those that a build without the columns for it stored, whatever form the end of the window has', async () => {
    const { agro, scout } = await scoutedBlock(services)
    const earlier = scout.interrupted((name, values) => {
      if (!name.startsWith('fieldsync_commit_all')) return undefined
      for (const [i, value] of values.entries()) {
        if (typeof value === 'string') values[i] = value.replaceAll(/,"playbook":"[^"]*","ends":-?\d+/gu, '')
      }
      return undefined
    })
    const notes = Array.from({ length: 6 }, () => mildew())
    const ends = [
      '2026-02-12T08:00:00.001Z',
      '2026-02-12t12:00:00z',
      '2026-02-12T20:00:00.1234567+11:30',
      '2026-02-12T08:00:00Z',
      '2026-02-12T08:30:00+23:59',
      '0000-02-12T12:00:00Z',
    ]
    const made = notes.map((note, i) =>
      advised(note, {
        timingWindow: {
          ...advised(note).timingWindow,
          startAt: '0000-01-01T00:00:00Z',
          endAt: ends[i] ?? '',
        },
      }),
    )
    await earlier.push({ observations: notes, recommendations: made })
    await agro.patch(windTo(10, { baseVersion: 3 }))
    const all = await recommendationsOf(scout)
    expect(made.map(({ recommendationId }) => successorIn(all, recommendationId).length)).toEqual([
      1, 1, 1, 0, 0, 0,
    ])
  })

  it('[REC-16] computes with no weather where the own one is not stored, and names the newest affected one', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const second = mildew()
    const made = advised(second, { weatherFeaturesId: 'wxf_20260212_lost' })
    await scout.push({ observations: [second], recommendations: [made] })
    const { answer } = await agro.patch(windTo(10, { baseVersion: 3 }))
    const all = await recommendationsOf(scout)
    const [successor] = successorIn(all, made.recommendationId)
    expect(successor).toMatchObject({
      weatherFeaturesId: NO_WEATHER.weatherFeaturesId,
      riskFlags: ['weather_data_missing'],
    })
    expect(answer.recomputedRecommendationId).toBe(successor?.recommendationId)
    expect(successorIn(all, pending.recommendationId)).toHaveLength(1)
  })

  it('[REC-16, DWN-2, HSH-2] by a batch: its sender gets the successors on the next page, and the hash agrees', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const { serverCursor } = await agro.pull()
    const sent = await agro.push({
      lastKnownServerCursor: serverCursor,
      playbookPatches: [windTo(10, { baseVersion: 3 })],
    })
    expect(sent.acceptedCounts).toEqual({ observations: 0, recommendations: 0, playbookPatches: 1 })
    expect(sent.downstream).toMatchObject({ hasMore: true, recommendations: [], playbooks: [{ version: 4 }] })
    expect(sent.downstream.stateHash).toBeUndefined()
    const next = await agro.pull(sent.serverCursor)
    expect(next.downstream.recommendations).toMatchObject([{ supersedes: pending.recommendationId }])
    expect(next.downstream.hasMore).toBe(false)
    expect((await scout.pullAll()).at(-1)?.downstream.stateHash).toBe(next.downstream.stateHash)
  })

  it('[REC-16] of several changes after each other makes a chain, in which one takes the place of the one before', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    await agro.patch(windTo(10, { baseVersion: 3 }))
    await agro.push({ playbookPatches: [windTo(9, { baseVersion: 4 }), windTo(8, { baseVersion: 5 })] })
    const all = await recommendationsOf(scout)
    const [second] = successorIn(all, pending.recommendationId)
    const [third] = successorIn(all, second?.recommendationId ?? '')
    expect([...all.values()].map(({ playbookVersion }) => playbookVersion)).toEqual([3, 4, 6])
    expect(third?.playbookVersion).toBe(6)
    expect(replacedBy(all.values())).toEqual(
      new Map([pending, second].map((each) => [each?.recommendationId, third?.recommendationId])),
    )
  })

  it('[REC-16] gives none to a replaced one whose successor is decided', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    await agro.patch(windTo(10, { baseVersion: 3 }))
    const [second] = successorIn(await recommendationsOf(scout), pending.recommendationId)
    if (!second) throw new Error('it has a successor')
    await scout.push({
      recommendations: [{ ...second, status: 'rejected', updatedAt: '2026-02-12T08:00:01Z' }],
    })
    expect((await agro.patch(windTo(9, { baseVersion: 4 }))).answer.recomputedRecommendationId).toBeNull()
    expect((await recommendationsOf(scout)).size).toBe(2)
  })

  it('[REC-17] by publication and rollback has the same effect; a retirement has none', async () => {
    const { workspace, scout, pending } = await blockWithAdvice(services)
    const by = new Publisher(await workspace.device('dev_admin', 'admin'))
    const versions = async () =>
      [...(await recommendationsOf(scout)).values()].map(({ playbookVersion }) => playbookVersion)
    await by.publish(3, content('Wait for the wind.'))
    expect(await versions()).toEqual([3, 4])
    await by.rollBack(4, 3)
    expect(await versions()).toEqual([3, 4, 5])
    await by.retire(5)
    expect(await versions()).toEqual([3, 4, 5])
    const all = await recommendationsOf(scout)
    expect([...all.values()].map(({ action }) => action)).toEqual([
      pending.action,
      'Wait for the wind.',
      pending.action,
    ])
    expect((await scout.pullAll()).at(-1)?.downstream.stateHash).toBe(await hashOf(scout))
    await expectAudit(workspace.workspaceId)
  })

  it('[REC-17, REC-22] by the approval of a proposed patch has the same effect, and names the patch', async () => {
    const { workspace, scout, pending } = await blockWithAdvice(services)
    await setFourEyes(await workspace.device('dev_admin', 'admin'), 0)
    const [ana, ben] = [
      asPerson(await workspace.device('dev_ana', 'admin')),
      asPerson(await workspace.device('dev_ben', 'admin')),
    ]
    const phone = await workspace.device('dev_phone')
    const patch = PlaybookPatch.parse(windTo(9, { baseVersion: 3, requestedByDeviceId: 'dev_ana' }))
    const { document } = await applyPlaybookPatch({ ctx: ana.ctx(), input: patch })
    const { proposalId } = Proposal.parse(document.toJSON())
    expect((await recommendationsOf(phone)).size).toBe(1)
    await approveProposal({ ctx: ben.ctx(), input: { proposalId } })
    const [successor] = successorIn(await recommendationsOf(phone), pending.recommendationId)
    expect(driverOf(successor, 'maxWindKph')).toBe('9')
    expect((await newestEntries(ben, 1))[0]).toMatchObject({
      actor: { kind: 'system' },
      change: { cause: { playbookVersion: 4, patchId: patch.patchId, supersedes: pending.recommendationId } },
    })
    await expectAudit(scout.actor.workspaceId)
  })

  it('[REC-18] is answered by a successor also where the recommendation arrives later, with an older version', async () => {
    const { agro, scout } = await scoutedBlock(services)
    await agro.patch(windTo(10, { baseVersion: 3 }))
    const second = mildew()
    const late = advised(second)
    const { serverCursor } = await scout.pull()
    const sent = await scout.push({
      lastKnownServerCursor: serverCursor,
      observations: [second],
      recommendations: [late],
    })
    expect(sent).toMatchObject({ acceptedCounts: { recommendations: 1 }, downstream: { hasMore: true } })
    const { downstream } = await scout.pull(sent.serverCursor)
    expect(downstream.recommendations).toMatchObject([
      { supersedes: late.recommendationId, playbookVersion: 4 },
    ])
    // The same again changes nothing.
    const again = await scout.push({ observations: [second], recommendations: [late] })
    expect(again.downstream.hasMore).toBe(false)
    expect((await recommendationsOf(agro)).size).toBe(2)
  })

  it('[REC-18] in one batch: what arrives is replaced by the version that the batch makes', async () => {
    const { agro } = await scoutedBlock(services)
    const own = mildew({ deviceId: 'dev_agro_1' })
    const made = advised(own)
    const sent = await agro.push({
      observations: [own],
      recommendations: [made],
      playbookPatches: [windTo(10, { baseVersion: 3 })],
    })
    expect(sent.acceptedCounts).toEqual({ observations: 1, recommendations: 1, playbookPatches: 1 })
    const { downstream } = await agro.pull(sent.serverCursor)
    expect(downstream.recommendations).toMatchObject([
      { supersedes: made.recommendationId, playbookVersion: 4 },
    ])
  })

  it('[REC-21] a confirmation of a replaced one is accepted, and its successor says so, once', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    await agro.patch(windTo(10, { baseVersion: 3 }))
    const confirmed = { ...pending, status: 'confirmed' as const, updatedAt: '2026-02-12T08:00:00.001Z' }
    const sent = await scout.push({ recommendations: [confirmed] })
    expect(sent.conflicts).toEqual([])
    const all = await recommendationsOf(agro)
    expect(all.get(pending.recommendationId)?.status).toBe('confirmed')
    const [successor] = successorIn(all, pending.recommendationId)
    expect(successor?.status).toBe('pending_confirmation')
    expect(driverOf(successor, 'supersededStatus')).toBe('confirmed')
    await scout.push({ recommendations: [confirmed] })
    expect(await recommendationsOf(agro)).toEqual(all)
    // And what takes its place in turn still says so.
    await agro.patch(windTo(9, { baseVersion: 4 }))
    if (!successor) throw new Error('there is no successor')
    const [last] = successorIn(await recommendationsOf(agro), successor.recommendationId)
    expect(driverOf(last, 'supersededStatus')).toBe('confirmed')
    // A confirmation of the one between adds nothing.
    const updatedAt = new Date(Date.parse(successor.updatedAt ?? '') + 1).toISOString()
    const later = await scout.push({ recommendations: [{ ...successor, status: 'confirmed', updatedAt }] })
    expect(later).toMatchObject({ acceptedCounts: { recommendations: 1 }, conflicts: [] })
    expect(successorIn(await recommendationsOf(agro), successor.recommendationId)).toEqual([last])
    expect(await newestEntries(agro, 1)).toMatchObject([{ actor: { kind: 'device' } }])
  })

  it('[REC-22, AUD-4] the audit names the system, the version, the patch and what is replaced', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const patch = windTo(10, { baseVersion: 3 })
    const { answer } = await agro.patch(patch)
    const common = { playbookId: STARTER, playbookVersion: 4, supersedes: pending.recommendationId }
    expect(await newestEntries(agro, 2)).toMatchObject([
      {
        action: 'playbooks.applyPatch',
        actor: { kind: 'system', deviceId: null },
        target: { type: 'recommendation', id: answer.recomputedRecommendationId },
        change: { kind: 'create', cause: { ...common, patchId: patch.patchId, decided: null } },
      },
      { actor: { kind: 'device', deviceId: 'dev_agro_1' }, change: { kind: 'patch' } },
    ])
    await scout.push({
      recommendations: [{ ...pending, status: 'confirmed', updatedAt: '2026-02-12T08:00:00.001Z' }],
    })
    expect(await newestEntries(agro, 1)).toMatchObject([
      {
        actor: { kind: 'system' },
        target: { id: answer.recomputedRecommendationId },
        change: { kind: 'update', cause: { ...common, patchId: null, decided: 'confirmed' } },
      },
    ])
    await expectAudit(agro.actor.workspaceId)
  })

  it('[REC-16] looks at a bounded number in the request, the newest first', async () => {
    const { agro, scout } = await scoutedBlock(services)
    const notes = Array.from({ length: RECOMPUTED_AT_ONCE + 3 }, () => mildew())
    const made = notes.map((each) => advised(each))
    await scout.push({ observations: notes, recommendations: made })
    const { answer } = await agro.patch(windTo(10, { baseVersion: 3 }))
    const all = await recommendationsOf(agro)
    const replaced = made.filter(({ recommendationId }) => successorIn(all, recommendationId).length > 0)
    expect(replaced).toEqual(made.slice(3))
    const [newest] = successorIn(all, made.at(-1)?.recommendationId ?? '')
    expect(newest?.recommendationId).toBe(answer.recomputedRecommendationId)
  })
})
