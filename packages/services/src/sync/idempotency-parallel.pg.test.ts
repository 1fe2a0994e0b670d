import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { rowCounts } from '../testing/footprint.ts'
import { holdWrites } from '../testing/gate.ts'
import { testServices } from '../testing/test-workspace.ts'

/** A recommendation made then has a window that is over at the test's clock, so that no change of a playbook affects it (REC-16). */
const OVER_BY_NOW = '2026-02-11T00:00:00Z'

const services = await testServices()
const servers = [services, services.anotherServer()] as const

const each = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

describe('equal requests at the same time', () => {
  it('[IDM-4][GUA-2] 25 parallel sends at two servers have one effect in every table and one text', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const seen = observation({ deviceId: 'dev_agro_1', status: 'confirmed' })
    const batch = syncBatch({
      observations: [seen, observation({ deviceId: 'dev_scout_9' })],
      recommendations: [
        recommendation({ observationId: seen.observationId, generatedAt: OVER_BY_NOW }),
        recommendation(),
      ],
      playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })],
    })
    const before = await rowCounts(services, workspace.workspaceId)
    // One commit of each server waits, and the others for it: all have read and decided before the first may commit.
    const gate = await holdWrites(services, workspace.workspaceId)
    const sending = each(25, (i) => agro.at(servers[i % 2] ?? services).send(batch))
    await gate.waiting(2)
    await gate.open()
    const answers = await sending
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(answers[0]?.answer.acceptedCounts).toEqual({
      observations: 1,
      recommendations: 1,
      playbookPatches: 1,
    })
    expect(await rowCounts(services, workspace.workspaceId)).toEqual({
      ...before,
      observations: 1,
      recommendations: 1,
      playbook_versions: before.playbook_versions + 1,
      playbook_patches: 1,
      log_commits: before.log_commits + 1,
      sync_events: 1,
      sync_conflicts: 2,
      audit_entries: before.audit_entries + 1,
    })
  })

  it('[IDM-4] requests that share only one of their keys execute once too', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()] })
    const gate = await holdWrites(services, workspace.workspaceId)
    const sending = each(10, (i) => alice.at(servers[i % 2] ?? services).send(batch, `key-${i}`))
    await gate.waiting(2)
    await gate.open()
    const answers = await sending
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  it('[IDM-4][IDM-3] of different payloads under one key one wins and the others are refused', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const gate = await holdWrites(services, workspace.workspaceId)
    const sending = Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        alice.at(servers[i % 2] ?? services).send(syncBatch({ observations: [observation()] }), 'one-key'),
      ),
    )
    await gate.waiting(2)
    await gate.open()
    const outcomes = await sending
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    }
    expect((await rowCounts(services, workspace.workspaceId)).observations).toBe(1)
  })

  it('[IDM-4][OPS-18] parallel single-record writes execute once', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const seen = observation({ deviceId: 'dev_agro_1' })
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const gate = await holdWrites(services, workspace.workspaceId)
    const creating = each(6, (i) => agro.at(servers[i % 2] ?? services).create(seen, 'key-1'))
    const patching = each(6, (i) => agro.at(servers[i % 2] ?? services).patch(patch, 'key-1'))
    await gate.waiting(2)
    await gate.open()
    for (const answers of [await creating, await patching]) {
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    }
    expect(await rowCounts(services, workspace.workspaceId)).toMatchObject({
      observations: 1,
      playbook_patches: 1,
      playbook_versions: 2,
      sync_events: 2,
    })
  })

  it('[GUA-2][PCH-1][OBS-11] the same correction and patch under different keys are one change, never a conflict', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const seen = observation({ deviceId: 'dev_agro_1', status: 'confirmed' })
    await agro.push({ observations: [seen] })
    const corrected = {
      ...seen,
      rawNoteText: 'Corrected',
      deterministicChecksum: 'sha256:00000001',
      correction: {
        correctionId: 'cor_1',
        reason: 'Wrong block',
        correctedAt: '2026-02-11T20:00:00Z',
        supersedes: seen.deterministicChecksum,
      },
    }
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const sending = each(24, (i) =>
      agro.at(servers[i % 2] ?? services).push({ observations: [corrected], playbookPatches: [patch] }),
    )
    for (const answer of await sending) {
      expect(answer.conflicts).toEqual([])
      expect(answer.acceptedCounts).toEqual({ observations: 1, recommendations: 0, playbookPatches: 1 })
    }
    expect(await rowCounts(services, workspace.workspaceId)).toMatchObject({
      observation_corrections: 1,
      playbook_patches: 1,
      playbook_versions: 2,
      log_commits: 3,
    })
  })
})

describe('keys of single-record writes', () => {
  it('[IDM-2][OPS-5] a retry of an accepted observation replays after the record moved on', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const draft = observation()
    const first = await alice.create(draft, 'key-1')
    expect(first).toMatchObject({ answer: draft, replayed: false })
    await agro.push({
      observations: [
        { ...draft, rawNoteText: 'Edited', status: 'confirmed', updatedAt: '2026-02-12T07:00:00Z' },
      ],
    })
    expect(await alice.create(draft, 'key-1')).toEqual({ ...first, replayed: true })
    await expect(alice.create(draft, 'key-2')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(alice.create({ ...draft, rawNoteText: 'Another' }, 'key-1')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    await expect(alice.create(observation(), 'key-1')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('[IDM-2][OPS-13] a retry of an accepted patch replays after the playbook moved on', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const first = await agro.patch(patch, 'key-1')
    expect(first.answer).toMatchObject({
      oldVersion: 3,
      newVersion: 4,
      status: 'applied',
      validationErrors: [],
    })
    await agro.patch(playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion: 4 }))
    expect(await agro.patch(patch, 'key-1')).toEqual({ ...first, replayed: true })
    expect((await agro.patch(patch, 'key-2')).answer).toEqual(first.answer)
    await expect(agro.patch({ ...patch, reason: 'Another' }, 'key-1')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
  })

  it('[IDM-5] a refused single write burns no key', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    await expect(alice.create(observation({ deviceId: 'dev_scout_2' }), 'key-1')).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    expect((await alice.create(observation(), 'key-1')).replayed).toBe(false)
    const mine = { requestedByDeviceId: 'dev_agro_1' }
    await expect(agro.patch(playbookPatch({ ...mine, baseVersion: 2 }), 'key-1')).rejects.toMatchObject({
      code: 'PLAYBOOK_VERSION_MISMATCH',
    })
    expect((await agro.patch(playbookPatch(mine), 'key-1')).replayed).toBe(false)
  })
})
