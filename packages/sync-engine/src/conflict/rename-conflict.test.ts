import { type CorrectionId, DeviceId, Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { checksumOf, observation, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import type { OutboxEntry } from '../core/local-record.ts'
import { sequenceKey } from '../core/local-store.ts'
import { parked, quarantined, refusedBy } from '../testing/conflicts.ts'
import { openConflicts } from '../testing/open-conflicts.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({ status: 'confirmed' }, random))
const ofNote = { type: 'observation', id: note.observationId } as const
const advise = (more: Partial<Recommendation> = {}): Recommendation => ({
  ...Recommendation.parse(recommendation({ observationId: note.observationId }, random)),
  ...more,
})
const advice = advise()
const taken = refusedBy('OBSERVATION_ID_TAKEN', note, {}, 5)
const NEW_NOTE = 'obs_20260211_9000'
const NEW_ADVICE = 'rec_20260211_9000'

const enqueue = async (changeset: Changeset, document: Recommendation, more: Partial<OutboxEntry> = {}) => {
  const { recommendationId: id } = document
  await changeset.load([{ type: 'recommendation', id }])
  changeset.enqueue({ type: 'recommendation', id, document, writtenAt: 1, ...more })
}
const entries = ({ outbox }: { outbox: Map<string, OutboxEntry> }) => [...outbox.values()]

describe('a note with a new id', () => {
  it('[ENG-17] goes out under it with a checksum of its own, and the time at which it was found', async () => {
    const { device, id, resolve } = await openConflicts([taken])
    expect(await resolve.rename(id)).toEqual({ ok: true, record: { type: 'observation', id: NEW_NOTE } })
    const renamed = { ...note, observationId: NEW_NOTE }
    expect(entries(device.tables())).toEqual([
      {
        type: 'observation',
        id: NEW_NOTE,
        document: { ...renamed, deterministicChecksum: checksumOf(renamed) },
        writtenAt: 1,
        since: sequenceKey(5),
      },
    ])
    expect([...device.tables().records.keys()]).toEqual([`observation/${NEW_NOTE}`])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-17, OBS-10] takes its corrections along, each of which names the one before it', async () => {
    const correcting = (rawNoteText: string, supersedes: string, checksum: string): Observation => ({
      ...note,
      rawNoteText,
      deterministicChecksum: checksum,
      correction: {
        correctionId: `cor_${rawNoteText}` as CorrectionId,
        reason: 'r',
        correctedAt: note.createdAt,
        supersedes,
      },
    })
    const one = correcting('one', note.deterministicChecksum, 'sha256:0000000a')
    const two = correcting('two', one.deterministicChecksum, 'sha256:0000000b')
    const { device, id, resolve } = await openConflicts([taken], (changeset) => {
      for (const document of [one, two])
        changeset.enqueue({ ...ofNote, document, writtenAt: 1, since: sequenceKey(6) })
    })
    await resolve.rename(id)
    const sent = entries(device.tables()).map(({ document }) => document as Observation)
    expect(sent.map(({ observationId, rawNoteText }) => [observationId, rawNoteText])).toEqual([
      [NEW_NOTE, note.rawNoteText],
      [NEW_NOTE, 'one'],
      [NEW_NOTE, 'two'],
    ])
    expect(sent.map(({ correction }) => correction?.supersedes)).toEqual([
      undefined,
      sent[0]?.deterministicChecksum,
      sent[1]?.deterministicChecksum,
    ])
    expect(sent.map(checksumOf)).toEqual(sent.map(({ deterministicChecksum }) => deterministicChecksum))
    expect(device.findings()).toEqual([])
  })

  const other = { ...note, deviceId: DeviceId.parse('dev_other') }

  it.each<[string, Partial<Record<'server' | 'localOnly', Observation>>, boolean]>([
    ['the server’s is another device’s', { server: other }, false],
    ['what is only here is another device’s', { localOnly: other }, false],
    ['nothing is left', {}, false],
    ['the server’s is its own', { server: note }, true],
    ['what is only here is its own', { localOnly: note }, true],
    ['the server’s is another device’s, whatever is only here', { server: other, localOnly: note }, false],
  ])('[CUR-8] leaves what was acknowledged under the old one, or not: %s', async (_, known, remains) => {
    const { device, id, resolve } = await openConflicts([taken], (changeset) => {
      const record = changeset.record('observation', note.observationId)
      // It stays, whatever is left of it.
      const queued = { ...ofNote, document: other, writtenAt: 1, since: sequenceKey(2) }
      changeset.put({ ...record, ...known, acknowledgedAt: 7 })
      changeset.enqueue(queued)
    })
    await resolve.rename(id)
    const left = device.tables().records.get(`observation/${note.observationId}`)
    expect(left?.acknowledgedAt).toBe(remains ? 7 : null)
  })

  it('[ENG-17] takes along the recommendations on it that the server does not have, and no others', async () => {
    const elsewhere = advise({ observationId: 'obs_20260211_0098' as Recommendation['observationId'] })
    const known = advise()
    const sent = advise()
    const { device, id, resolve } = await openConflicts([taken], async (changeset) => {
      await enqueue(changeset, advice, { since: sequenceKey(3), offer: true })
      await enqueue(changeset, elsewhere, { offer: true })
      await enqueue(changeset, known)
      changeset.putServer('recommendation', known.recommendationId, known)
      await enqueue(changeset, sent)
      await enqueue(changeset, { ...sent, action: 'behind' })
      changeset.put({ ...changeset.record('recommendation', sent.recommendationId), inFlight: 1 })
    })
    await resolve.rename(id)
    const queued = entries(device.tables()).flatMap(({ document, ...entry }) =>
      'recommendationId' in document ? [{ document, ...entry }] : [],
    )
    const entry = (document: Recommendation, more: object = {}) => ({
      type: 'recommendation',
      id: document.recommendationId,
      document,
      writtenAt: 1,
      ...more,
    })
    const moved = { observationId: NEW_NOTE as Recommendation['observationId'] }
    expect(queued).toEqual([
      entry({ ...advice, ...moved }, { since: sequenceKey(3) }),
      entry(elsewhere, { offer: true }),
      entry(known),
      entry(sent),
      entry({ ...sent, action: 'behind', ...moved }),
    ])
    expect(device.tables().records.get(`recommendation/${advice.recommendationId}`)?.local).toMatchObject(
      moved,
    )
  })

  it('[ENG-17] takes along those that wait for a person, but for what the server has', async () => {
    const known = advise()
    const elsewhere = advise({ observationId: 'obs_20260211_0098' as Recommendation['observationId'] })
    const conflicts = [taken, parked(advice, {}, 6), quarantined(known, {}, 7), parked(elsewhere, {}, 8)]
    const { device, ids, resolve } = await openConflicts(conflicts, (changeset) =>
      changeset.putServer('recommendation', known.recommendationId, known),
    )
    await resolve.rename(ids[0] ?? '')
    const left = [...device.tables().conflicts.values()].map(({ losing }) => losing)
    expect(left).toEqual(expect.arrayContaining([{ ...advice, observationId: NEW_NOTE }, known, elsewhere]))
    const shown = (of: Recommendation) =>
      device.tables().records.get(`recommendation/${of.recommendationId}`)?.local
    expect([shown(advice), shown(known), shown(elsewhere)]).toMatchObject([
      { observationId: NEW_NOTE },
      known,
      elsewhere,
    ])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-17] takes along what is queued beyond a page of the outbox', async () => {
    const many = Array.from({ length: 501 }, (_, number) => ({
      ...advice,
      recommendationId:
        `rec_20260211_${String(number).padStart(4, '0')}` as Recommendation['recommendationId'],
    }))
    const { device, id, resolve } = await openConflicts([taken], async (changeset) => {
      for (const each of many) await enqueue(changeset, each)
    })
    await resolve.rename(id)
    const ids = entries(device.tables()).flatMap(({ document }) =>
      'recommendationId' in document ? [document.observationId] : [],
    )
    expect(ids).toHaveLength(501)
    expect(new Set(ids)).toEqual(new Set([NEW_NOTE]))
  })
})

describe('a recommendation with a new id', () => {
  it('[ENG-17] goes out under it with what is behind it, and those that supersede it follow', async () => {
    const next = advise({ supersedes: advice.recommendationId })
    const waits = advise({ supersedes: advice.recommendationId })
    const unrelated = advise({ supersedes: next.recommendationId })
    const conflicts = [refusedBy('RECOMMENDATION_ID_TAKEN', advice, {}, 5), parked(waits, {}, 6)]
    const { device, ids, resolve } = await openConflicts(conflicts, async (changeset) => {
      await enqueue(changeset, { ...advice, status: 'confirmed' }, { since: sequenceKey(6), writtenAt: 6 })
      await enqueue(changeset, next)
      await enqueue(changeset, unrelated)
      const theirs = { ...advice, observationId: 'obs_20260211_0098' as Recommendation['observationId'] }
      changeset.putServer('recommendation', advice.recommendationId, theirs)
      changeset.put({ ...changeset.record('recommendation', advice.recommendationId), acknowledgedAt: 7 })
    })
    expect(await resolve.rename(ids[0] ?? '')).toEqual({
      ok: true,
      record: { type: 'recommendation', id: NEW_ADVICE },
    })
    const renamed = { ...advice, recommendationId: NEW_ADVICE }
    expect(entries(device.tables())).toEqual([
      {
        type: 'recommendation',
        id: next.recommendationId,
        document: { ...next, supersedes: NEW_ADVICE },
        writtenAt: 1,
      },
      { type: 'recommendation', id: unrelated.recommendationId, document: unrelated, writtenAt: 1 },
      { type: 'recommendation', id: NEW_ADVICE, document: renamed, writtenAt: 1, since: sequenceKey(5) },
      {
        type: 'recommendation',
        id: NEW_ADVICE,
        document: { ...renamed, status: 'confirmed' },
        writtenAt: 6,
        since: sequenceKey(6),
      },
    ])
    expect([...device.tables().conflicts.values()]).toMatchObject([{ losing: { supersedes: NEW_ADVICE } }])
    expect(device.tables().records.get(`recommendation/${advice.recommendationId}`)).toMatchObject({
      local: null,
      acknowledgedAt: null,
      status: 'synced',
    })
    expect(device.findings()).toEqual([])
  })
})

it('[ENG-17] a patch with a new id goes out in its place, on the version that it was written for', async () => {
  const [losing, behind] = [3, 7].map((baseVersion) =>
    PlaybookPatch.parse(playbookPatch({ baseVersion }, random)),
  ) as [PlaybookPatch, PlaybookPatch]
  const { device, id, resolve } = await openConflicts(
    [refusedBy('PATCH_ID_REUSED', losing, {}, 5)],
    async (changeset) => {
      await changeset.load([{ type: 'playbookPatch', id: behind.patchId }])
      const entry = { type: 'playbookPatch', id: behind.patchId, document: behind, writtenAt: 8 } as const
      changeset.enqueue({ ...entry, since: sequenceKey(8) })
    },
  )
  expect(await resolve.rename(id)).toEqual({
    ok: true,
    record: { type: 'playbookPatch', id: 'pch_20260211_9000' },
  })
  expect(entries(device.tables())).toMatchObject([
    { id: 'pch_20260211_9000', document: { ...losing, patchId: 'pch_20260211_9000' }, writtenAt: 1 },
    { id: behind.patchId, document: { baseVersion: 4 }, writtenAt: 8 },
  ])
  expect(device.findings()).toEqual([])
})
