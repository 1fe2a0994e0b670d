import { type CorrectionId, DeviceId, Observation, Recommendation } from '@fieldsync/contracts'
import { checksumOf, observation, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import { sequenceKey } from '../core/local-store.ts'
import { parked } from '../testing/conflicts.ts'
import { type DeviceStore, deviceStore, NOW } from '../testing/device-store.ts'
import { correctObservation } from './correct-observation.ts'
import { previewObservation, saveObservation } from './save-observation.ts'

const random = seededRandom(1)
const draft = Observation.parse(observation({ updatedAt: '2026-02-11T18:00:00Z' }, random))
const confirmed: Observation = { ...draft, status: 'confirmed' }
const id = draft.observationId
const own = { type: 'observation', id } as const
const edited: Observation = { ...draft, rawNoteText: 'edited' }

/** A device that has a version of the server, and writes behind it. */
async function deviceWith(
  server: Observation | null,
  queued: readonly Observation[] = [],
  more?: (changeset: Changeset) => void,
) {
  const device = await deviceStore()
  await device.change(async (changeset) => {
    await changeset.load([own])
    if (server) changeset.putServer('observation', id, server)
    for (const document of queued) changeset.enqueue({ ...own, document, writtenAt: 1 })
    more?.(changeset)
  })
  return device
}
const queueOf = ({ tables }: DeviceStore) =>
  [...tables().outbox].map(([key, { document }]) => [Number(key), document])
const rowOf = ({ tables }: DeviceStore) => tables().records.get(`observation/${id}`)

describe('saving a note', () => {
  it('[ENG-2] stores and queues it, and publishes that once it is stored', async () => {
    const device = await deviceStore()
    const outcome = await saveObservation(device.context, draft)
    expect(outcome).toMatchObject({
      ok: true,
      record: { ...own, local: draft, queued: [sequenceKey(1)], status: 'pending' },
      likelyConflict: null,
      conflictId: null,
    })
    expect([...device.tables().outbox]).toEqual([
      [sequenceKey(1), { ...own, document: draft, writtenAt: NOW }],
    ])
    expect(device.events).toEqual([{ kind: 'saved', record: own }])
    expect(device.findings()).toEqual([])
  })

  const correction = {
    correctionId: 'cor_a' as CorrectionId,
    reason: 'misread',
    correctedAt: '2026-02-11T19:00:00Z',
    supersedes: confirmed.deterministicChecksum,
  }
  const second: Observation = { ...draft, rawNoteText: 'second', updatedAt: '2026-02-11T18:30:00Z' }
  const corrected: Observation = { ...confirmed, rawNoteText: 'corrected', correction }

  it.each<[string, Observation | null, Observation[], number, number[]]>([
    ['takes the place of an unsent draft', null, [draft], 0, [1]],
    ['takes the place of the last of two drafts', null, [draft, second], 1, [1, 2]],
    ['goes behind a draft that is on its way', null, [draft], 1, [1, 2]],
    ['goes behind one of two that are on their way', null, [draft, second], 2, [1, 2, 3]],
    ['goes behind a confirmed one', null, [confirmed], 0, [1, 2]],
    ['goes behind a corrected one', draft, [{ ...corrected, status: 'draft' }], 0, [1, 2]],
    ['goes behind nothing', draft, [], 0, [1]],
  ])('[ENG-4] %s', async (_, server, queued, inFlight, places) => {
    const device = await deviceWith(server, queued, (changeset) =>
      changeset.put({ ...changeset.record('observation', id), inFlight }),
    )
    const newest = queued.at(-1) ?? server ?? draft
    const saved: Observation = {
      ...newest,
      rawNoteText: newest.status === 'draft' ? 'edited' : newest.rawNoteText,
      status: newest.status === 'draft' ? 'draft' : 'logged',
    }
    expect(await saveObservation(device.context, saved, { basedOn: newest })).toMatchObject({ ok: true })
    expect(queueOf(device).map(([place]) => place)).toEqual(places)
    expect(queueOf(device).at(-1)?.[1]).toMatchObject({
      rawNoteText: saved.rawNoteText,
      status: saved.status,
    })
  })

  it('[ENG-23] has its likely conflict on top of what stays in front of it', async () => {
    const late = { ...draft, updatedAt: '9999-12-31T23:59:59.999Z' }
    const stale = { code: 'OBSERVATION_STALE_WRITE' }
    // Behind the last instant there is no later one, so that the checksum decides.
    const [low, high] = [edited, second]
      .map((each) => ({ ...each, updatedAt: late.updatedAt }))
      .toSorted((a, b) => (checksumOf(a) < checksumOf(b) ? -1 : 1)) as [Observation, Observation]
    const stored = { ...high, deterministicChecksum: checksumOf(high) }
    const onServer = await deviceWith(stored)
    expect(await previewObservation(onServer.context, low, { basedOn: stored })).toMatchObject({
      likelyConflict: stale,
    })
    // A draft that it takes the place of is not in front of it.
    const replaced = await deviceWith(null, [stored])
    expect(await previewObservation(replaced.context, low, { basedOn: stored })).toMatchObject({
      likelyConflict: null,
    })
    const behind = await deviceWith(null, [stored], (changeset) =>
      changeset.put({ ...changeset.record('observation', id), inFlight: 1 }),
    )
    const between = await deviceWith(null, [stored, stored], (changeset) =>
      changeset.put({ ...changeset.record('observation', id), inFlight: 1 }),
    )
    expect(await previewObservation(between.context, low, { basedOn: stored })).toMatchObject({
      likelyConflict: stale,
    })
    expect(await previewObservation(behind.context, low, { basedOn: stored })).toMatchObject({
      likelyConflict: stale,
    })
  })

  it('[ENG-23] of a record that waits for a person has nothing new to say', async () => {
    const theirs = { ...draft, deviceId: DeviceId.parse('dev_other') }
    const taken = await deviceWith(theirs)
    expect(await saveObservation(taken.context, edited)).toMatchObject({
      likelyConflict: { code: 'OBSERVATION_ID_TAKEN' },
    })
    const waits = await deviceWith(theirs, [], (changeset) => changeset.addConflict(parked(edited)))
    expect(await saveObservation(waits.context, edited)).toMatchObject({ ok: true, likelyConflict: null })
  })

  it('[ENG-39] of another device’s record under its id is no edit of that', async () => {
    const device = await deviceWith({ ...draft, deviceId: DeviceId.parse('dev_other') })
    const mine = { ...edited, updatedAt: '2026-02-11T18:00:01Z', deterministicChecksum: 'sha256:0000000a' }
    expect(await saveObservation(device.context, mine)).toMatchObject({ ok: true })
  })
})

describe('a note that is not saved', () => {
  const noBase = {
    path: '',
    message: 'is on this device in another version: name the version that the edit started from (basedOn)',
    code: 'other_base',
  }
  const otherBase = { path: '/observationId', message: 'is not the one of basedOn', code: 'other_base' }
  const noCorrection = {
    path: '/correction',
    message: 'is required: a confirmed observation changes only by a correction',
    code: 'correction_required',
  }
  const foreign = { ...draft, observationId: 'obs_20260211_0099' as Observation['observationId'] }
  const unmarked = { ...edited, updatedAt: '2026-02-11T18:00:01Z', deterministicChecksum: 'sha256:0000000a' }

  it.each<[string, Observation, Parameters<typeof saveObservation>[1], Observation | undefined, object]>([
    ['names no version', draft, unmarked, undefined, noBase],
    ['names a version of another', draft, edited, foreign, otherBase],
    ['changes a confirmed one', confirmed, { ...confirmed, rawNoteText: 'edited' }, confirmed, noCorrection],
    [
      'breaks the contract',
      draft,
      { ...edited, rawNoteText: '' },
      draft,
      expect.objectContaining({ path: '/rawNoteText' }),
    ],
  ])(
    '[ENG-24, ENG-37, ENG-39] because it %s, nor is it in a preview',
    async (_, server, note, basedOn, issue) => {
      const device = await deviceWith(server)
      const { values: _claimed, ...before } = device.tables()
      for (const write of [saveObservation, previewObservation]) {
        expect(await write(device.context, note, basedOn && { basedOn })).toEqual({
          ok: false,
          issues: [issue],
        })
      }
      expect(device.tables()).toMatchObject(before)
      expect(device.events).toEqual([])
    },
  )
})

describe('an edit that meets a newer version', () => {
  const newest: Observation = { ...draft, rawNoteText: 'theirs', updatedAt: '2026-02-11T21:00:00Z' }
  const met = {
    code: 'OBSERVATION_STALE_WRITE',
    resolution: 'resubmit',
    message: 'What was edited was also changed meanwhile: choose one of the two versions.',
  }
  const issues = [{ path: '/rawNoteText', message: 'was changed meanwhile, to another value' }]

  it('[ENG-38] waits for a person in its place among the writes, and is published', async () => {
    const device = await deviceWith(newest)
    expect(await previewObservation(device.context, edited, { basedOn: draft })).toEqual({
      ok: true,
      likelyConflict: { ...met, issues },
    })
    expect(device.tables().conflicts.size).toBe(0)
    const outcome = await saveObservation(device.context, edited, { basedOn: draft })
    const [conflict] = device.tables().conflicts.values()
    expect(outcome).toMatchObject({ ok: true, likelyConflict: { ...met, issues }, conflictId: conflict?.id })
    expect(conflict).toMatchObject({
      ...met,
      kind: 'local',
      type: 'observation',
      entityId: id,
      losing: { rawNoteText: 'edited', updatedAt: '2026-02-11T21:00:00.001Z' },
      server: newest,
      place: sequenceKey(1),
      foundAt: NOW,
    })
    expect(conflict).not.toHaveProperty('issues')
    expect(device.events).toEqual([
      { kind: 'saved', record: own },
      { kind: 'conflict', conflict },
    ])
    expect(queueOf(device)).toEqual([])
    expect(rowOf(device)).toMatchObject({ status: 'conflict', local: { rawNoteText: 'edited' } })
    expect(device.findings()).toEqual([])
  })

  it('[ENG-38, ENG-58] does not hide a write that is queued', async () => {
    const device = await deviceWith(draft, [newest])
    await saveObservation(device.context, edited, { basedOn: draft })
    expect(rowOf(device)).toMatchObject({
      status: 'conflict',
      local: { rawNoteText: 'theirs' },
      queued: [sequenceKey(1)],
    })
    expect(device.findings()).toEqual([])
  })

  it('[ENG-38, ENG-58] hides one that is resent', async () => {
    const device = await deviceWith(null, [], (changeset) =>
      changeset.enqueue({ ...own, document: newest, writtenAt: 1, offer: true }),
    )
    await saveObservation(device.context, edited, { basedOn: draft })
    expect(rowOf(device)).toMatchObject({ status: 'conflict', local: { rawNoteText: 'edited' } })
    expect(device.findings()).toEqual([])
  })

  it('[ENG-38] of a deleted note waits for a person', async () => {
    const device = await deviceStore()
    expect(await saveObservation(device.context, edited, { basedOn: draft })).toMatchObject({
      likelyConflict: null,
    })
    expect([...device.tables().conflicts.values()]).toMatchObject([
      { code: null, resolution: 'resubmit', server: null, losing: edited },
    ])
  })
})

describe('a correction', () => {
  const correct = (
    device: DeviceStore,
    ...[note, changes, reason, options]: [string, object, string?, object?]
  ) => correctObservation(device.context, note, changes, reason ?? 'seen again', options)

  it('[ENG-11] changes what it names of the newest version, and supersedes that', async () => {
    const device = await deviceWith(confirmed)
    const changes = {
      extraction: { severity: 'high' as const, variety: undefined },
      normalization: { temperatureC: 31 },
      status: 'logged' as const,
    }
    expect(await correct(device, id, changes)).toMatchObject({ ok: true, likelyConflict: null })
    const { variety: _left, ...extraction } = confirmed.extraction
    const document = {
      ...confirmed,
      status: 'logged',
      extraction: { ...extraction, severity: 'high' },
      normalization: { ...confirmed.normalization, temperatureC: 31 },
      updatedAt: '2026-02-11T20:00:00.000Z',
      correction: {
        correctionId: 'cor_20260211_9000',
        reason: 'seen again',
        correctedAt: '2026-02-11T20:00:00.000Z',
        supersedes: confirmed.deterministicChecksum,
      },
    }
    const deterministicChecksum = checksumOf(document as Observation)
    expect(queueOf(device)).toEqual([[1, { ...document, deterministicChecksum }]])
    expect(device.events).toEqual([{ kind: 'saved', record: own }])
  })

  const foreign = { ...draft, observationId: 'obs_20260211_0099' as Observation['observationId'] }

  it.each<[string, string, object, string, object, object]>([
    [
      'of what is no note',
      'nothing',
      {},
      'r',
      {},
      { path: '/observationId', message: 'is no id of an observation', code: 'wrong_id' },
    ],
    [
      'of what is not here',
      foreign.observationId,
      {},
      'r',
      {},
      { path: '/observationId', message: 'is not on this device', code: 'not_here' },
    ],
    [
      'of a version of another',
      id,
      {},
      'r',
      { basedOn: foreign },
      { path: '/observationId', message: 'is not the one of basedOn', code: 'other_base' },
    ],
    [
      'that changes nothing',
      id,
      { rawNoteText: confirmed.rawNoteText },
      'r',
      {},
      { path: '', message: 'changes nothing of what was observed', code: 'no_change' },
    ],
    [
      'without a reason',
      id,
      { rawNoteText: 'x' },
      '',
      {},
      expect.objectContaining({ path: '/correction/reason' }),
    ],
  ])('[ENG-11] %s is refused', async (_, note, changes, reason, options, issue) => {
    const device = await deviceWith(confirmed)
    expect(await correct(device, note, changes, reason, options)).toEqual({ ok: false, issues: [issue] })
    expect(queueOf(device)).toEqual([])
  })

  it('[ENG-37] is one of the newest version, of which it keeps what others changed', async () => {
    const theirs = { ...confirmed, location: { lat: 1, lon: 2 }, deterministicChecksum: 'sha256:0000000b' }
    const device = await deviceWith(theirs)
    expect(await correct(device, id, { rawNoteText: 'mine' }, 'r', { basedOn: confirmed })).toMatchObject({
      ok: true,
    })
    expect(queueOf(device)).toMatchObject([
      [
        1,
        { rawNoteText: 'mine', location: { lat: 1, lon: 2 }, correction: { supersedes: 'sha256:0000000b' } },
      ],
    ])
  })

  it('[ENG-38] of the same value waits, also where the newest version has all else of it', async () => {
    const device = await deviceWith({ ...confirmed, rawNoteText: 'theirs' })
    expect(await correct(device, id, { rawNoteText: 'mine' }, 'r', { basedOn: confirmed })).toMatchObject({
      ok: true,
      likelyConflict: { code: 'OBSERVATION_CORRECTION_STALE' },
    })
    const deleted = await deviceStore()
    expect(await correct(deleted, id, {}, 'r', { basedOn: confirmed })).toMatchObject({
      ok: true,
      likelyConflict: null,
    })
    expect(deleted.tables().conflicts.size).toBe(1)
  })
})

it('[ENG-24] a recommendation is no note', async () => {
  const device = await deviceStore()
  const advice = Recommendation.parse(recommendation({}, random))
  expect(await saveObservation(device.context, advice as unknown as Observation)).toMatchObject({ ok: false })
})
