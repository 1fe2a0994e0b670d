import { Observation, Playbook, Recommendation } from '@fieldsync/contracts'
import type { MemberTexts } from '@fieldsync/db'
import { canonicalText } from '@fieldsync/domain'
import {
  observation,
  type ObservationInput,
  playbook,
  playbookPatch,
  recommendation,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { caller, decided, STORED_AT } from '../testing/decided.ts'
import { decideUpserts } from './decide-upserts.ts'
import { BatchDecisions } from './decision.ts'
import { planWrite } from './plan-write.ts'
import { type Guard, NO_UPSERTS, NOTHING_STORED, type StoredRows, workingSetOf } from './working-set.ts'

const EARLY = '2026-02-12T06:00:00Z'
const LATE = '2026-02-12T06:30:00Z'
const micros = (at: string): number => Date.parse(at) * 1000
const note = observation({ updatedAt: EARLY })
const edited = { ...note, rawNoteText: 'Leaves curl', updatedAt: LATE }
const stored = (of: ObservationInput) => ({
  id: of.observationId,
  document: canonicalText(Observation.parse(of)),
  timeMicros: micros(EARLY),
  revision: 3,
  storedAt: STORED_AT,
})
const active = Playbook.parse(playbook())
const playbookRows = [
  { id: active.playbookId, document: canonicalText(active), retired: false, fourEyes: false },
]
const one = recommendation({ observationId: note.observationId })

type Row = Record<string, unknown>
const listOf = (rows: MemberTexts): Row[] => rows.map((row) => JSON.parse(`{${row}}`) as Row)

const idsOf = (rows: MemberTexts): unknown[] => listOf(rows).map(({ id }) => id)

async function planOf(sent: SyncBatchOverrides, rows: Partial<StoredRows> = {}) {
  const { set, decisions } = await decided(caller(), sent, rows)
  return planWrite(set, decisions)
}

describe('a plan', () => {
  it('of a batch without records writes nothing and guards nothing', async () => {
    const noVersions = () => Promise.reject(new Error('no version is read'))
    const { set, decisions } = await decideUpserts(noVersions, caller(), NO_UPSERTS, NOTHING_STORED)
    const { positions, ...texts } = planWrite(set, decisions)
    expect(positions).toBe(0)
    expect(
      Object.values(texts)
        .filter((value) => value !== null && value !== false)
        .flat(),
    ).toEqual([])
  })

  it('writes a new record among the new ones, guarded by being new, and nothing else', async () => {
    const plan = await planOf({ observations: [note], recommendations: [one] })
    expect(listOf(plan.newObservations)).toMatchObject([{ i: 1, id: note.observationId }])
    expect(listOf(plan.newRecommendations)).toMatchObject([{ i: 2, id: one.recommendationId }])
    expect([plan.changedObservations, plan.changedRecommendations]).toEqual([[], []])
    expect([plan.changedObservationDocuments, plan.changedRecommendationDocuments]).toEqual([[], []])
    expect(plan.newObservationDocuments).toEqual([canonicalText(Observation.parse(note))])
    expect(plan.newRecommendationDocuments).toEqual([canonicalText(Recommendation.parse(one))])
    expect(plan.guards).toEqual([])
  })

  it('writes a changed record at the revision that it was read at', async () => {
    const plan = await planOf({ observations: [edited] }, { observationRows: [stored(note)] })
    expect(listOf(plan.changedObservations)).toMatchObject([{ i: 1, id: note.observationId, revision: 3 }])
    expect([plan.newObservations, plan.guards, plan.moved]).toEqual([[], [], []])
  })

  it('[OBS-22] moves a time at the revision that it was read at, without a position', async () => {
    const plan = await planOf(
      { observations: [{ ...note, updatedAt: LATE }] },
      { observationRows: [stored(note)] },
    )
    expect(listOf(plan.moved)).toEqual([
      { kind: 'observation', id: note.observationId, revision: 3, time: micros(LATE) },
    ])
    expect([plan.guards, plan.positions]).toEqual([[], 0])
  })

  it('guards what was looked at and stays as it is, and what was not there', async () => {
    const plan = await planOf(
      {
        observations: [note],
        recommendations: [one, recommendation()],
        playbookPatches: [playbookPatch({ baseVersion: 1 })],
      },
      { observationRows: [stored(note)], playbookRows },
    )
    const guards = listOf(plan.guards)
    expect(guards).toContainEqual({ kind: 'observation', id: note.observationId, revision: 3 })
    expect(guards).toContainEqual({ kind: 'playbook', id: active.playbookId, revision: 3 })
    expect(guards.filter(({ revision }) => revision === null).map(({ kind }) => kind)).toEqual([
      'observation',
      'recommendation',
    ])
  })

  it('[ERA-3] needs no guard for what was erased: it stays absent for ever', async () => {
    const erased = new Set([`observation ${note.observationId}`, `recommendation ${one.recommendationId}`])
    const plan = await planOf({ observations: [note], recommendations: [one] }, { erased })
    expect([plan.guards, plan.touches]).toEqual([[], idsOf(plan.conflicts)])
  })

  it('takes along what else has to be as it was', async () => {
    const { set, decisions } = await decided(caller(), { observations: [note] })
    set.guards.push({ kind: 'pending', id: active.playbookId, revision: 12 })
    expect(listOf(planWrite(set, decisions).guards)).toEqual([
      { kind: 'pending', id: active.playbookId, revision: 12 },
    ])
  })

  it('[REC-16] gives what the server has written in consequence a position behind all that was sent', async () => {
    const { set, decisions } = await decided(
      caller(),
      { observations: [note], recommendations: [one], playbookPatches: [playbookPatch()] },
      { playbookRows },
    )
    const successor = recommendation({ observationId: note.observationId })
    const [sent] = set.recommendations.values()
    if (!sent) throw new Error('the recommendation was accepted')
    const byServer = new Map([
      [successor.recommendationId, { ...sent, byServer: true as const }],
      ...set.recommendations,
    ])
    const plan = planWrite({ ...set, recommendations: byServer }, decisions)
    expect(listOf(plan.newRecommendations).map(({ i, id }) => [i, id])).toEqual([
      [2, one.recommendationId],
      [4, successor.recommendationId],
    ])
    expect(listOf(plan.playbooks)).toMatchObject([{ i: 3, revision: 3, version: 4 }])
    expect(plan.positions).toBe(4)
  })

  it('leaves what the server would have written, and has not, to the guards', async () => {
    const { set, decisions } = await decided(caller(), { observations: [note], recommendations: [one] })
    const [sent] = set.recommendations.values()
    if (!sent) throw new Error('the recommendation was accepted')
    Object.assign(sent, { byServer: true, changed: false, revision: 5 })
    const plan = planWrite(set, decisions)
    expect(listOf(plan.guards)).toEqual([{ kind: 'recommendation', id: one.recommendationId, revision: 5 }])
    expect(plan.newRecommendations).toEqual([])
  })

  it('[OBS-15] stores a correction with the record before it, null where there was none, and after it', async () => {
    const before = observation({ status: 'confirmed', updatedAt: EARLY })
    const corrected = {
      ...before,
      rawNoteText: 'Dust',
      deterministicChecksum: 'sha256:bbbbbbbb',
      correction: {
        correctionId: 'cor_1',
        reason: 'Looked again',
        correctedAt: LATE,
        supersedes: before.deterministicChecksum,
      },
    }
    const column = async (rows: Partial<StoredRows>) =>
      listOf((await planOf({ observations: [corrected] }, rows)).corrections)
    const common = { i: 1, ordinal: 0, observation: before.observationId, id: 'cor_1' }
    expect(await column({ observationRows: [stored(before)] })).toMatchObject([
      { ...common, before: Observation.parse(before), after: Observation.parse(corrected) },
    ])
    expect(await column({})).toMatchObject([{ ...common, before: null }])
  })

  it('[BAT-1] names what it writes or was decided on, and the conflicts that it files', async () => {
    const added = observation()
    const elsewhere = recommendation({ observationId: observation().observationId })
    const { set, decisions } = await decided(
      caller(),
      {
        observations: [{ ...edited, deviceId: 'dev_other' }, added],
        recommendations: [elsewhere],
      },
      { observationRows: [stored(note)] },
    )
    set.guards.push(
      { kind: 'observation', id: 'obs_guarded', revision: 1 },
      { kind: 'recommendation', id: 'rec_guarded', revision: 1 },
      { kind: 'playbook', id: 'pb_guarded', revision: 1 },
      { kind: 'pending', id: 'pb_pending', revision: 1 },
    )
    const plan = planWrite(set, decisions)
    expect(plan.conflicts).toHaveLength(2)
    expect(plan.touches).toEqual([
      note.observationId,
      added.observationId,
      elsewhere.observationId,
      elsewhere.recommendationId,
      'obs_guarded',
      'rec_guarded',
      ...idsOf(plan.conflicts),
    ])
  })

  it('[BAT-1] excludes the others of its workspace where it writes a playbook, tries to, or was decided on what is pending', async () => {
    const isExclusive = async (sent: SyncBatchOverrides, kind?: Guard['kind'], forgotten = false) => {
      const { set, decisions } = await decided(caller(), sent, { playbookRows })
      if (kind) set.guards.push({ kind, id: 'guarded', revision: 1 })
      // A version that was published writes a playbook without a patch.
      if (forgotten) decisions.attempts.length = 0
      return planWrite(set, decisions).exclusive
    }
    const patch = playbookPatch()
    const stale = playbookPatch({ baseVersion: 1 })
    expect(await isExclusive({ playbookPatches: [patch] })).toBe(true)
    expect(await isExclusive({ playbookPatches: [patch] }, undefined, true)).toBe(true)
    expect(await isExclusive({ playbookPatches: [stale] })).toBe(true)
    expect(await isExclusive({ observations: [note] }, 'pending')).toBe(true)
    expect(await isExclusive({ observations: [note] }, 'recommendation')).toBe(false)
    expect(await isExclusive({ observations: [note] })).toBe(false)
  })

  it('[PCH-13, CNF-10] appends each attempt to patch with its outcome, and files the conflict of a refused one', async () => {
    const [patch, stale] = [playbookPatch(), playbookPatch({ baseVersion: 1 })]
    const plan = await planOf({ playbookPatches: [patch, stale] }, { playbookRows })
    const common = { playbook: active.playbookId }
    expect(listOf(plan.patches)).toMatchObject([
      { ...common, id: patch.patchId, outcome: 'applied', code: null, old: 3, new: 4 },
      { ...common, id: stale.patchId, outcome: 'rejected', code: expect.any(String), old: 4, new: null },
    ])
    const [filed] = listOf(plan.conflicts)
    expect(filed).toMatchObject({
      id: expect.stringMatching(/^cnf_/),
      type: 'playbookPatch',
      entity: stale.patchId,
      code: listOf(plan.patches)[1]?.['code'],
      resolution: expect.any(String),
      incoming: { patchId: stale.patchId },
    })
  })

  it('[ERR-17] is none where the batch was not decided to its end', () => {
    const decisions = new BatchDecisions()
    for (let count = 0; count < 2; count++) decisions.refuse({} as never, 8 * 1024 * 1024)
    expect(() => planWrite(workingSetOf(NOTHING_STORED), decisions)).toThrow('not decided to its end')
  })
})
