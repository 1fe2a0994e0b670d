import { PlaybookId, RuleId } from '@fieldsync/contracts'
import {
  observation,
  type ObservationInput,
  playbookPatch,
  recommendation,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { getPlaybook } from '../playbooks/get.ts'
import { holdWrites } from '../testing/gate.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()
const another = services.anotherServer()

const orders = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))

async function couple(): Promise<[TestDevice, TestDevice]> {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  return [alice, (await workspace.device('dev_agro_1', 'agronomist')).at(another)]
}

const draft = observation({ updatedAt: '2026-02-11T17:00:00Z' })
const edit = (
  rawNoteText: string,
  updatedAt: string,
  deterministicChecksum: string,
  status: ObservationInput['status'] = 'draft',
) => ({
  ...draft,
  rawNoteText,
  updatedAt,
  deterministicChecksum,
  status,
})

describe('drafts', () => {
  const SAME = '2026-02-11T18:00:00Z'
  const SETS: Record<string, { edits: ObservationInput[]; winner: number }> = {
    '[OBS-6] of different times: the latest': {
      edits: [
        edit('One', '2026-02-11T18:00:00Z', 'sha256:00000001'),
        edit('Two', '2026-02-11T19:00:00Z', 'sha256:00000002'),
        edit('Three', '2026-02-11T18:30:00Z', 'sha256:00000003'),
      ],
      winner: 1,
    },
    '[OBS-21] of one time: the greatest checksum': {
      edits: [
        edit('One', SAME, 'sha256:0000000a'),
        edit('Two', SAME, 'sha256:0000000C'),
        edit('Three', SAME, 'sha256:0000000b'),
      ],
      winner: 1,
    },
    '[OBS-20] of one time and content: the status further along': {
      edits: [edit('One', SAME, 'sha256:0000000a'), edit('One', SAME, 'sha256:0000000a', 'confirmed')],
      winner: 1,
    },
  }

  it.each(Object.entries(SETS))('%s wins in every order of arrival', async (_name, { edits, winner }) => {
    for (const order of orders(edits)) {
      const [alice, agro] = await couple()
      await alice.push({ observations: [draft] })
      for (const [i, record] of order.entries()) await (i % 2 ? alice : agro).push({ observations: [record] })
      expect((await alice.pull()).downstream.observations).toEqual([edits[winner]])
    }
  })

  it('[OBS-21][GUA-4] of one time and checksum end the same in every order and all at once', async () => {
    const edits = Array.from({ length: 3 }, (_, i) => edit(`Edit ${i}`, SAME, 'sha256:0000000a'))
    const ends: unknown[] = []
    for (const order of orders(edits)) {
      const [alice, agro] = await couple()
      await alice.push({ observations: [draft] })
      const gate = await holdWrites(services, alice.actor.workspaceId)
      const sending = Promise.all(
        order.map((record, i) => (i % 2 ? alice : agro).push({ observations: [record] })),
      )
      await gate.waiting(2)
      await gate.open()
      const answers = await sending
      expect(
        answers.every(
          ({ acceptedCounts, conflicts }) => acceptedCounts.observations + conflicts.length === 1,
        ),
      ).toBe(true)
      ends.push((await alice.pull()).downstream.observations)
    }
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1)
  })

  it('[REC-9][REC-6] pending recommendations of one time end the same in every order', async () => {
    const seen = observation()
    const advice = recommendation({ observationId: seen.observationId, updatedAt: SAME })
    const edits = [advice, { ...advice, action: 'Spray at dawn.' }, { ...advice, action: 'Wait.' }]
    const ends: unknown[] = []
    for (const order of orders(edits)) {
      const [alice, agro] = await couple()
      await alice.push({ observations: [seen] })
      for (const [i, record] of order.entries())
        await (i % 2 ? alice : agro).push({ recommendations: [record] })
      ends.push((await alice.pull()).downstream.recommendations)
    }
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1)
  })
})

describe('a write that was decided before another one came in between', () => {
  const EARLY = '2026-02-11T17:30:00Z'
  const LATE = '2026-02-11T18:30:00Z'

  const seen = observation()
  const advice = recommendation({ observationId: seen.observationId, updatedAt: '2026-02-11T17:00:00Z' })

  /**
   * Sends `first`, then `second` from another server: both are decided on what is stored now, and written in this order.
   * Each has a recommendation of a stored observation, so neither is decided unread.
   */
  async function race(
    [alice, agro]: [TestDevice, TestDevice],
    first: SyncBatchOverrides,
    second: SyncBatchOverrides,
  ): Promise<string[]> {
    const gate = await holdWrites(services, alice.actor.workspaceId)
    const sendingFirst = alice.push(first)
    await gate.waiting(1)
    const sendingSecond = agro.push(second)
    await gate.waiting(2)
    await gate.open()
    await sendingFirst
    const { conflicts } = await sendingSecond
    return conflicts.map(({ code }) => code)
  }

  it('[OBS-22] is stale where the same draft was sent again with a later time', async () => {
    const devices = await couple()
    const [alice] = devices
    await alice.push({ observations: [seen, draft], recommendations: [advice] })
    const codes = await race(
      devices,
      { observations: [{ ...draft, updatedAt: LATE }], recommendations: [advice] },
      {
        observations: [edit('Between the two times', EARLY, 'sha256:0000000b')],
        recommendations: [advice],
      },
    )
    expect(codes).toEqual(['OBSERVATION_STALE_WRITE'])
    expect((await alice.pull()).downstream.observations).toContainEqual(draft)
  })

  it('[OBS-7] is stale where the draft has a later content', async () => {
    const devices = await couple()
    const [alice] = devices
    await alice.push({ observations: [seen, draft], recommendations: [advice] })
    const later = edit('Later', LATE, 'sha256:0000000a')
    const codes = await race(
      devices,
      { observations: [later], recommendations: [advice] },
      { observations: [edit('Earlier', EARLY, 'sha256:0000000b')], recommendations: [advice] },
    )
    expect(codes).toEqual(['OBSERVATION_STALE_WRITE'])
    expect((await alice.pull()).downstream.observations).toContainEqual(later)
  })

  it('[REC-10] is stale where the same recommendation was sent again with a later time', async () => {
    const devices = await couple()
    const [alice] = devices
    await alice.push({ observations: [seen], recommendations: [advice] })
    const codes = await race(
      devices,
      { recommendations: [{ ...advice, updatedAt: LATE }] },
      { recommendations: [{ ...advice, action: 'Between the two times.', updatedAt: EARLY }] },
    )
    expect(codes).toEqual(['RECOMMENDATION_STALE_WRITE'])
    expect((await alice.pull()).downstream.recommendations).toEqual([advice])
  })

  it('[REC-6] is stale where the recommendation has a later content', async () => {
    const devices = await couple()
    const [alice] = devices
    await alice.push({ observations: [seen], recommendations: [advice] })
    const later = { ...advice, action: 'Spray at dawn.', updatedAt: LATE }
    const codes = await race(
      devices,
      { recommendations: [later] },
      { recommendations: [{ ...advice, action: 'Wait.', updatedAt: EARLY }] },
    )
    expect(codes).toEqual(['RECOMMENDATION_STALE_WRITE'])
    expect((await alice.pull()).downstream.recommendations).toEqual([later])
  })

  const laterDraft = edit('Later', LATE, 'sha256:0000000a')
  const laterAdvice = { ...advice, action: 'Spray at dawn.', updatedAt: LATE }

  it.each([
    // The same again, which writes nothing, and with a later time, which moves the time alone.
    ['[OBS-7] is stale', draft],
    ['[OBS-22] moves no time back', { ...draft, updatedAt: EARLY }],
  ])('%s where a draft that it sends again has a later content', async (_, again) => {
    const devices = await couple()
    const [alice] = devices
    await alice.push({ observations: [seen, draft], recommendations: [advice] })
    const codes = await race(
      devices,
      { observations: [laterDraft], recommendations: [advice] },
      { observations: [again, observation({ deviceId: 'dev_agro_1' })], recommendations: [advice] },
    )
    expect(codes).toEqual(['OBSERVATION_STALE_WRITE'])
    const between = edit('Between the two times', '2026-02-11T18:00:00Z', 'sha256:0000000c')
    expect((await alice.push({ observations: [between] })).conflicts).toMatchObject([
      { code: 'OBSERVATION_STALE_WRITE' },
    ])
  })

  it.each([
    ['[REC-7] is stale', advice],
    ['[REC-10] moves no time back', { ...advice, updatedAt: EARLY }],
  ])('%s where a recommendation that it sends again has a later content', async (_, again) => {
    const devices = await couple()
    const [alice] = devices
    await alice.push({ observations: [seen], recommendations: [advice] })
    const codes = await race(
      devices,
      { recommendations: [laterAdvice] },
      { observations: [observation({ deviceId: 'dev_agro_1' })], recommendations: [again] },
    )
    expect(codes).toEqual(['RECOMMENDATION_STALE_WRITE'])
    const between = { ...advice, action: 'Wait.', updatedAt: '2026-02-11T18:00:00Z' }
    expect((await alice.push({ recommendations: [between] })).conflicts).toMatchObject([
      { code: 'RECOMMENDATION_STALE_WRITE' },
    ])
  })

  it('[PCH-6] accepts a patch on the version that came in between', async () => {
    const workspace = await services.workspace()
    const devices = [
      await workspace.device('dev_agro_1', 'agronomist'),
      (await workspace.device('dev_agro_2', 'agronomist')).at(another),
    ] as const
    const [one, other] = devices.map(({ actor }) => actor.deviceId)
    await devices[0].push({ observations: [{ ...seen, deviceId: one ?? '' }], recommendations: [advice] })
    const codes = await race(
      [...devices],
      {
        recommendations: [advice],
        playbookPatches: [playbookPatch({ requestedByDeviceId: one, baseVersion: 3 })],
      },
      {
        recommendations: [advice],
        playbookPatches: [playbookPatch({ requestedByDeviceId: other, baseVersion: 4 })],
      },
    )
    expect(codes).toEqual([])
  })
})

describe('a playbook', () => {
  const versions = async (workspaceId: string) =>
    (
      await services.db.pool.query<{ version: number; patch: string | null }>(
        'SELECT version, patch_id AS patch FROM playbook_versions WHERE workspace_id = $1 ORDER BY version',
        [workspaceId],
      )
    ).rows

  it('[GUA-6][PCH-6][PCH-9] of patches that race on one base exactly one wins', async () => {
    const workspace = await services.workspace()
    const agros = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const agro = await workspace.device(`dev_agro_${i}`, 'agronomist')
        return i % 2 ? agro.at(another) : agro
      }),
    )
    const gate = await holdWrites(services, workspace.workspaceId)
    const sending = Promise.all(
      agros.map((agro) =>
        agro.push({ playbookPatches: [playbookPatch({ requestedByDeviceId: agro.actor.deviceId })] }),
      ),
    )
    await gate.waiting(2)
    await gate.open()
    const answers = await sending
    expect(answers.filter(({ acceptedCounts }) => acceptedCounts.playbookPatches === 1)).toHaveLength(1)
    expect(answers.flatMap(({ conflicts }) => conflicts.map(({ code }) => code))).toEqual(
      Array.from({ length: 7 }, () => 'PLAYBOOK_VERSION_MISMATCH'),
    )
    expect((await versions(workspace.workspaceId)).map(({ version }) => version)).toEqual([3, 4])
  })

  it('[GUA-6][PCH-12][PCH-14] versions have no gap and no fork when everybody rebases, and old ones stay readable', async () => {
    const workspace = await services.workspace()
    const agros = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const agro = await workspace.device(`dev_agro_${i}`, 'agronomist')
        return i % 2 ? agro.at(another) : agro
      }),
    )
    const accepted = await Promise.all(
      agros.map(async (agro) => {
        const mine: string[] = []
        for (let baseVersion = 3, tries = 0; mine.length < 3 && tries < 50; tries++) {
          const patch = playbookPatch({ requestedByDeviceId: agro.actor.deviceId, baseVersion })
          const { conflicts } = await agro.push({ playbookPatches: [patch] })
          if (conflicts.length === 0) mine.push(patch.patchId)
          baseVersion = conflicts[0]?.playbook?.activeVersion ?? baseVersion + 1
        }
        return mine
      }),
    )
    const made = await versions(workspace.workspaceId)
    expect(made.map(({ version }) => version)).toEqual(Array.from({ length: 13 }, (_, i) => 3 + i))
    expect(new Set(made.slice(1).map(({ patch }) => patch))).toEqual(new Set(accepted.flat()))
    const [reader] = agros
    const heat = RuleId.parse('rule_heat_moderate')
    const playbookId = PlaybookId.parse('pbk_yolo_grape')
    const documents = await Promise.all(
      made.map(
        async ({ version }) =>
          reader && (await getPlaybook({ ctx: reader.ctx(), input: { playbookId, version } })).toJSON(),
      ),
    )
    expect(documents.map((document) => document?.version)).toEqual(made.map(({ version }) => version))
    for (const [i, document] of documents.entries()) {
      if (i === 0) continue
      expect(document?.updatedAt).toBe(services.clock.now().toISOString())
      expect(document?.rules[heat]).toEqual(documents[0]?.rules[heat])
    }
  })

  it('[PCH-3][PCH-13] every attempt is on record, and a refused id may come again', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion: 4 })
    await agro.push({ playbookPatches: [patch] })
    await agro.patch(patch).catch(() => undefined)
    await agro.push({ playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' }), patch, patch] })
    const { rows } = await services.db.pool.query(
      'SELECT outcome, code, old_version, new_version FROM playbook_patches WHERE workspace_id = $1 AND patch_id = $2 ORDER BY attempt_id',
      [workspace.workspaceId, patch.patchId],
    )
    const refused = {
      outcome: 'rejected',
      code: 'PLAYBOOK_VERSION_MISMATCH',
      old_version: 3,
      new_version: null,
    }
    expect(rows).toEqual([
      refused,
      refused,
      { outcome: 'applied', code: null, old_version: 4, new_version: 5 },
    ])
  })
})
