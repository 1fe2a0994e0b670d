import { ObservationId } from '@fieldsync/contracts'
import { observation, type ObservationInput, recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { listCorrections } from '../records/list.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, testServices, TestWorkspace } from '../testing/test-workspace.ts'

const services = await testServices()
const another = services.anotherServer()

const A = 'sha256:aaaaaaaa'
const B = 'sha256:bbbbbbbb'
const start = observation({ status: 'confirmed', deterministicChecksum: A, rawNoteText: 'Start' })

const corrected = (
  id: string,
  supersedes: string,
  deterministicChecksum: string,
  rawNoteText = id,
): ObservationInput => ({
  ...start,
  rawNoteText,
  deterministicChecksum,
  correction: {
    correctionId: id,
    reason: `Because of ${id}`,
    correctedAt: '2026-02-11T20:00:00Z',
    supersedes,
  },
})

async function confirmed(): Promise<{ alice: TestDevice; agro: TestDevice }> {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  await alice.push({ observations: [start] })
  return { alice, agro }
}

const history = async (device: TestDevice) =>
  (
    await listCorrections({
      ctx: device.ctx(),
      input: { observationId: ObservationId.parse(start.observationId) },
    })
  ).items.toJSON()

const codes = async (device: TestDevice, ...observations: ObservationInput[]) => {
  const { acceptedCounts, conflicts } = await device.push({ observations })
  expect(acceptedCounts.observations + conflicts.length).toBe(observations.length)
  return conflicts.map(({ code }) => code)
}

const stored = async (device: TestDevice) => (await device.pull()).downstream.observations[0]

describe('corrections', () => {
  it('[OBS-10][OPS-8] are kept in order, newest first, with both contents', async () => {
    const { alice, agro } = await confirmed()
    const one = corrected('cor_1', A.toUpperCase().replace('SHA', 'sha'), B)
    const two = corrected('cor_2', B, 'sha256:cccccccc')
    expect(await codes(alice, one)).toEqual([])
    services.clock.advance(1000)
    expect(await codes(agro, two)).toEqual([])
    expect(await history(alice)).toEqual([
      {
        correctionId: 'cor_2',
        observationId: start.observationId,
        reason: 'Because of cor_2',
        correctedAt: '2026-02-11T20:00:00Z',
        acceptedAt: services.clock.now().toISOString(),
        deviceId: 'dev_agro_1',
        supersedes: B,
        checksum: 'sha256:cccccccc',
        before: one,
        after: two,
      },
      expect.objectContaining({ correctionId: 'cor_1', deviceId: 'dev_scout_1', before: start, after: one }),
    ])
  })

  it('[OBS-10][BAT-4] two in one batch are two steps of the history', async () => {
    const { alice } = await confirmed()
    const steps = [corrected('cor_1', A, B), corrected('cor_2', B, 'sha256:cccccccc')]
    expect(await codes(alice, ...steps)).toEqual([])
    expect((await history(alice)).map(({ correctionId }) => correctionId)).toEqual(['cor_2', 'cor_1'])
    expect(await stored(alice)).toEqual(steps[1])
  })

  it('[OBS-11][OBS-15] a late duplicate changes nothing, also when checksums come back to an earlier value', async () => {
    const { alice } = await confirmed()
    const cycle = [corrected('cor_1', A, B), corrected('cor_2', B, A), corrected('cor_3', A, B, 'cor_3')]
    for (const [i, step] of cycle.entries()) {
      expect(await codes(alice, step)).toEqual([])
      const before = await footprint(services, alice.actor.workspaceId)
      expect(await codes(alice, ...cycle.slice(0, i + 1).toReversed())).toEqual([])
      const after = await footprint(services, alice.actor.workspaceId)
      expect(after).toMatchObject({
        observations: before.observations,
        observation_corrections: before.observation_corrections,
        log_commits: before.log_commits,
      })
      expect(await stored(alice)).toEqual(step)
    }
  })

  it('[OBS-14][OBS-12][OBS-13][GUA-5] nothing else changes what is confirmed', async () => {
    const { alice, agro } = await confirmed()
    const one = corrected('cor_1', A, B)
    expect(await codes(alice, one)).toEqual([])
    const before = await footprint(services, alice.actor.workspaceId)
    expect(await codes(agro, { ...one, rawNoteText: 'Other content' })).toEqual(['OBSERVATION_IMMUTABLE'])
    expect(await codes(agro, corrected('cor_2', B, B, 'Same checksum'))).toEqual(['OBSERVATION_IMMUTABLE'])
    expect(await codes(agro, { ...corrected('cor_2', B, A), status: 'draft' })).toEqual([
      'OBSERVATION_IMMUTABLE',
    ])
    expect(await codes(agro, corrected('cor_2', A, 'sha256:cccccccc'))).toEqual([
      'OBSERVATION_CORRECTION_STALE',
    ])
    expect(await codes(agro, { ...start, rawNoteText: 'No correction' })).toEqual(['OBSERVATION_IMMUTABLE'])
    const after = await footprint(services, alice.actor.workspaceId)
    expect(after).toMatchObject({
      observations: before.observations,
      observation_corrections: before.observation_corrections,
      log_commits: before.log_commits,
    })
  })

  it('[OBS-10][GUA-5] of two that race for one state exactly one wins', async () => {
    const { alice, agro } = await confirmed()
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        codes(i % 2 ? alice : agro.at(another), corrected(`cor_${i}`, A, `sha256:0000000${i}`)),
      ),
    )
    expect(outcomes.flat().toSorted()).toEqual(
      Array.from({ length: 7 }, () => 'OBSERVATION_CORRECTION_STALE'),
    )
    expect(await history(alice)).toHaveLength(1)
  })

  it('[OBS-16] on a first write and on a draft are kept in the history', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const one = corrected('cor_1', A, B)
    expect(await codes(alice, { ...one, status: 'draft', updatedAt: '2026-02-11T21:00:00Z' })).toEqual([])
    const two = { ...corrected('cor_2', B, A), status: 'draft' as const, updatedAt: '2026-02-11T22:00:00Z' }
    expect(await codes(alice, two)).toEqual([])
    const [newest, oldest] = await history(alice)
    expect([oldest?.correctionId, oldest?.before, newest?.correctionId]).toEqual(['cor_1', null, 'cor_2'])
  })
})

describe('times', () => {
  const draft = observation({ updatedAt: '2026-02-11T18:00:00Z', deterministicChecksum: A })
  const edit = (updatedAt: string | undefined, rawNoteText: string, checksum = B) =>
    ({ ...draft, updatedAt, rawNoteText, deterministicChecksum: checksum }) as ObservationInput

  async function scout() {
    const alice = await (await services.workspace()).device('dev_scout_1')
    await alice.push({ observations: [draft] })
    return alice
  }

  it('[OBS-18] is updatedAt, else requestedAt, compared to the microsecond', async () => {
    const alice = await scout()
    expect(
      await codes(alice, edit('2026-02-11T18:00:00.0000009Z', 'Below a microsecond', 'sha256:00000000')),
    ).toEqual(['OBSERVATION_STALE_WRITE'])
    expect(
      await codes(alice, edit('2026-02-11T18:00:00.000001Z', 'A microsecond later', 'sha256:00000000')),
    ).toEqual([])
    const { updatedAt: _none, ...timeless } = edit(undefined, 'Without a time')
    expect(
      (await alice.push({ observations: [timeless], requestedAt: '2026-02-11T17:00:00Z' })).conflicts,
    ).toHaveLength(1)
    expect(
      (await alice.push({ observations: [timeless], requestedAt: '2026-02-11T19:00:00+00:30' })).conflicts,
    ).toEqual([])
  })

  it('[OBS-19] a time far ahead counts as five minutes from now, fixed when accepted, and is stored as sent', async () => {
    const alice = await scout()
    const wrong = edit('2036-01-01T00:00:00Z', 'Wrong clock')
    expect(await codes(alice, wrong)).toEqual([])
    expect(await stored(alice)).toEqual(wrong)
    const now = services.clock.now().getTime()
    const at = (millis: number) => new Date(now + millis).toISOString()
    expect(await codes(alice, edit(at(299_999), 'Just before'))).toEqual(['OBSERVATION_STALE_WRITE'])
    services.clock.advance(3_600_000)
    expect(await codes(alice, edit(at(299_999), 'Still before'))).toEqual(['OBSERVATION_STALE_WRITE'])
    expect(await codes(alice, edit(at(300_001), 'Just after'))).toEqual([])
  })

  it('[OBS-22] a newer re-send moves the time, logs nothing, and only a writer moves it', async () => {
    const alice = await scout()
    const other = await new TestWorkspace(services, alice.actor.workspaceId).device('dev_scout_2')
    const { serverCursor } = await alice.pull()
    const resent = { ...draft, updatedAt: '2026-02-11T20:00:00Z' }
    expect(await codes(other, resent)).toEqual([])
    expect(await codes(alice, edit('2026-02-11T18:30:00Z', 'Not blocked by a reader'))).toEqual([])
    const current = edit('2026-02-11T18:30:00Z', 'Not blocked by a reader')
    const page = await alice.pull(serverCursor)
    expect(page.downstream.observations).toEqual([current])
    expect(await codes(alice, { ...current, updatedAt: '2026-02-11T21:00:00Z' })).toEqual([])
    expect((await alice.pull(page.serverCursor)).serverCursor).toBe(page.serverCursor)
    expect(await codes(alice, edit('2026-02-11T20:30:00Z', 'Between'))).toEqual(['OBSERVATION_STALE_WRITE'])
    expect(await codes(alice, edit('2026-02-11T21:30:00Z', 'After'))).toEqual([])
  })

  it('[REC-10] the same holds for a pending recommendation', async () => {
    const alice = await scout()
    const advice = recommendation({ observationId: draft.observationId, updatedAt: '2026-02-11T18:00:00Z' })
    await alice.push({ recommendations: [advice] })
    const { serverCursor } = await alice.pull()
    const send = async (record: typeof advice) =>
      (await alice.push({ recommendations: [record] })).conflicts.map(({ code }) => code)
    expect(await send({ ...advice, updatedAt: '2026-02-11T20:00:00Z' })).toEqual([])
    expect((await alice.pull(serverCursor)).serverCursor).toBe(serverCursor)
    expect(await send({ ...advice, action: 'Between', updatedAt: '2026-02-11T19:00:00Z' })).toEqual([
      'RECOMMENDATION_STALE_WRITE',
    ])
    expect(await send({ ...advice, action: 'After', updatedAt: '2026-02-11T20:00:00.000001Z' })).toEqual([])
  })
})
