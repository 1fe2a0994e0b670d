import { DeviceId, Observation, type ObservationId, Recommendation } from '@fieldsync/contracts'
import { observation, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import { sequenceKey } from '../core/local-store.ts'
import { parked } from '../testing/conflicts.ts'
import { type DeviceStore, deviceStore, NOW } from '../testing/device-store.ts'
import { previewRecommendation, saveRecommendation } from './save-recommendation.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({}, random))
const other = { ...note, deviceId: DeviceId.parse('dev_other') }
const advice = Recommendation.parse(
  recommendation({ observationId: note.observationId, updatedAt: '2026-02-11T18:00:00Z' }, random),
)
const decided: Recommendation = { ...advice, status: 'confirmed' }
const edited: Recommendation = { ...advice, action: 'edited' }
const id = advice.recommendationId
const own = { type: 'recommendation', id } as const
const ofNote = { type: 'observation', id: note.observationId } as const

/** A device that knows the note, and has a version of the server's with writes behind it. */
async function deviceWith(
  server: Recommendation | null,
  queued: readonly Recommendation[] = [],
  more: (changeset: Changeset) => void = (changeset) =>
    changeset.putServer('observation', note.observationId, note),
) {
  const device = await deviceStore()
  await device.change(async (changeset) => {
    await changeset.load([own, ofNote])
    more(changeset)
    if (server) changeset.putServer('recommendation', id, server)
    for (const document of queued) changeset.enqueue({ ...own, document, writtenAt: 1 })
  })
  return device
}
const queueOf = ({ tables }: DeviceStore) =>
  [...tables().outbox].map(([key, { document }]) => [Number(key), document])

describe('saving a recommendation', () => {
  it('[ENG-2] stores and queues it, and publishes that once it is stored', async () => {
    const device = await deviceWith(null)
    expect(await saveRecommendation(device.context, advice)).toMatchObject({
      ok: true,
      record: { ...own, local: advice, queued: [sequenceKey(1)], status: 'pending' },
      likelyConflict: null,
      conflictId: null,
    })
    expect([...device.tables().outbox.values()]).toEqual([{ ...own, document: advice, writtenAt: NOW }])
    expect(device.events).toEqual([{ kind: 'saved', record: own }])
    expect(device.findings()).toEqual([])
  })

  it.each<[string, Recommendation | null, Recommendation[], number, number[]]>([
    ['takes the place of an unsent one that is pending', null, [advice], 0, [1]],
    ['goes behind one that is on its way', null, [advice], 1, [1, 2]],
    ['goes behind a decided one', null, [decided], 0, [1, 2]],
    ['goes behind nothing', advice, [], 0, [1]],
  ])('[ENG-4] %s', async (_, server, queued, inFlight, places) => {
    const device = await deviceWith(server, queued)
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.put({ ...changeset.record('recommendation', id), inFlight })
    })
    const basedOn = queued.at(-1) ?? server ?? advice
    await saveRecommendation(device.context, { ...basedOn, action: 'edited' }, { basedOn })
    expect(queueOf(device).map(([place]) => place)).toEqual(places)
    expect(queueOf(device).at(-1)?.[1]).toMatchObject({ action: 'edited' })
  })

  it('[ENG-10] is dated behind the newest version on the device', async () => {
    const newest = { ...advice, updatedAt: '2026-02-11T21:00:00Z' }
    const device = await deviceWith(newest)
    await saveRecommendation(device.context, edited, { basedOn: advice })
    expect(queueOf(device)).toMatchObject([[1, { updatedAt: '2026-02-11T21:00:00.001Z' }]])
  })

  it.each<[string, Recommendation, Parameters<typeof deviceWith>[2], string | null]>([
    ['of a note that is not here', advice, () => undefined, 'RECOMMENDATION_ORPHAN'],
    [
      'of a note that is only here',
      advice,
      (changeset) =>
        changeset.put({ ...changeset.record('observation', note.observationId), localOnly: other }),
      null,
    ],
    ['of a note of its own', advice, undefined, null],
  ])('[ENG-23] has its likely conflict, in a preview too: %s', async (_, draft, more, code) => {
    const device = await deviceWith(null, [], more)
    for (const write of [previewRecommendation, saveRecommendation]) {
      const outcome = await write(device.context, draft)
      expect(outcome).toMatchObject({ ok: true, likelyConflict: code === null ? null : { code } })
    }
  })

  it('[ENG-23] has it on top of what stays in front of it', async () => {
    const base = await deviceWith(decided)
    expect(await previewRecommendation(base.context, edited, { basedOn: advice })).toMatchObject({
      likelyConflict: { code: 'RECOMMENDATION_IMMUTABLE' },
    })
    const replaced = await deviceWith(decided, [advice])
    expect(await previewRecommendation(replaced.context, edited, { basedOn: advice })).toMatchObject({
      likelyConflict: { code: 'RECOMMENDATION_IMMUTABLE' },
    })
    const behind = await deviceWith(advice, [decided])
    expect(
      await previewRecommendation(behind.context, { ...decided, action: 'x' }, { basedOn: decided }),
    ).toMatchObject({
      likelyConflict: { code: 'RECOMMENDATION_IMMUTABLE' },
    })
  })

  it('[ENG-23] of one that waits for a person has nothing new to say', async () => {
    const device = await deviceWith(decided, [], (changeset) => changeset.addConflict(parked(edited)))
    expect(await previewRecommendation(device.context, edited, { basedOn: decided })).toMatchObject({
      ok: true,
      likelyConflict: null,
    })
  })

  it('[ENG-70] takes its note along where that is only here, unless it waits itself', async () => {
    const device = await deviceWith(null, [], (changeset) =>
      changeset.put({ ...changeset.record('observation', note.observationId), localOnly: note }),
    )
    await saveRecommendation(device.context, advice)
    expect(queueOf(device)).toEqual([
      [1, note],
      [2, advice],
    ])
    const waits = await deviceWith({ ...advice, action: 'theirs' }, [], (changeset) =>
      changeset.put({ ...changeset.record('observation', note.observationId), localOnly: note }),
    )
    expect(await saveRecommendation(waits.context, edited, { basedOn: advice })).toMatchObject({ ok: true })
    expect(queueOf(waits)).toEqual([])
  })
})

describe('a recommendation that is not saved', () => {
  const noBase = {
    path: '',
    message: 'is on this device in another version: name the version that the edit started from (basedOn)',
    code: 'other_base',
  }
  const otherBase = { path: '/recommendationId', message: 'is not the one of basedOn', code: 'other_base' }
  const foreign = { ...advice, recommendationId: 'rec_20260211_0099' as Recommendation['recommendationId'] }
  const unmarked = { ...edited, updatedAt: '2026-02-11T18:00:01Z' }

  it.each<[string, Recommendation, Recommendation | undefined, object]>([
    ['names no version', unmarked, undefined, noBase],
    ['names a version of another', edited, foreign, otherBase],
    [
      'breaks the contract',
      { ...edited, action: '' },
      advice,
      expect.objectContaining({ path: '/action', code: 'text_empty' }),
    ],
  ])('[ENG-24, ENG-37, ENG-39] because it %s, nor is it in a preview', async (_, draft, basedOn, issue) => {
    const device = await deviceWith(advice)
    for (const write of [saveRecommendation, previewRecommendation]) {
      expect(await write(device.context, draft, basedOn && { basedOn })).toEqual({
        ok: false,
        issues: [issue],
      })
    }
    expect(queueOf(device)).toEqual([])
    expect(device.events).toEqual([])
  })

  it('[ENG-39] under another note is another record by the same id, for which no version is named', async () => {
    const device = await deviceWith(advice)
    const elsewhere = { ...unmarked, observationId: 'obs_20260211_0099' as ObservationId }
    expect(await saveRecommendation(device.context, elsewhere)).toMatchObject({
      ok: true,
      likelyConflict: { code: 'RECOMMENDATION_ID_TAKEN' },
    })
    const again = await deviceWith(advice)
    expect(await saveRecommendation(again.context, edited)).toMatchObject({ ok: true })
  })
})

describe('an edit of a recommendation that meets a newer version', () => {
  const newest = { ...advice, action: 'theirs' }

  it('[ENG-38] waits for a person, with that version, and is published', async () => {
    const device = await deviceWith(newest)
    const likelyConflict = { code: 'RECOMMENDATION_STALE_WRITE', issues: [{ path: '/action' }] }
    expect(await previewRecommendation(device.context, edited, { basedOn: advice })).toMatchObject({
      likelyConflict,
    })
    const outcome = await saveRecommendation(device.context, edited, { basedOn: advice })
    const [conflict] = device.tables().conflicts.values()
    expect(outcome).toMatchObject({ ok: true, likelyConflict, conflictId: conflict?.id })
    expect(conflict).toMatchObject({
      kind: 'local',
      type: 'recommendation',
      entityId: id,
      server: newest,
      foundAt: NOW,
    })
    expect(device.events).toEqual([
      { kind: 'saved', record: own },
      { kind: 'conflict', conflict },
    ])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-38] of a deleted one waits for a person', async () => {
    const device = await deviceWith(null)
    expect(await saveRecommendation(device.context, edited, { basedOn: advice })).toMatchObject({
      likelyConflict: null,
    })
    expect([...device.tables().conflicts.values()]).toMatchObject([
      { code: null, resolution: 'resubmit', server: null, losing: edited },
    ])
  })
})
