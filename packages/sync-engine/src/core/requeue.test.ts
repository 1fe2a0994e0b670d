import { type CorrectionId, Observation, Recommendation } from '@fieldsync/contracts'
import { checksumOf, observation, recommendation, seededRandom, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { deviceStore } from '../testing/device-store.ts'
import type { EngineContext } from './engine-context.ts'
import type { OutboxEntry } from './local-record.ts'
import { sequenceKey } from './local-store.ts'
import { followEdit, relinked, requeue, versionBefore } from './requeue.ts'

const random = seededRandom(1)
const NOW = Date.parse('2026-02-11T20:00:00Z')
const context = { clock: { now: () => NOW }, sha256 } as unknown as EngineContext
const note = Observation.parse(observation({ updatedAt: '2026-02-11T18:00:00Z' }, random))
const advice = Recommendation.parse(recommendation({ updatedAt: '2026-02-11T18:00:00Z' }, random))
const id = note.observationId
const own = { type: 'observation', id } as const

const text = (rawNoteText: string): Observation => ({ ...note, rawNoteText })
const entryOf = (document: Observation, more: Partial<OutboxEntry> = {}): OutboxEntry => ({
  ...own,
  document,
  writtenAt: 1,
  ...more,
})
const correction = (supersedes: string): NonNullable<Observation['correction']> => ({
  correctionId: 'cor_a' as CorrectionId,
  reason: 'misread',
  correctedAt: '2026-02-11T19:00:00Z',
  supersedes,
})

/** A device with three writes of one record, the last of which was made first, and resolved once already. */
async function threeWrites() {
  const device = await deviceStore()
  await device.change(async (changeset) => {
    await changeset.load([own])
    changeset.putServer('observation', id, text('server'))
    changeset.enqueue(entryOf(text('one')))
    changeset.enqueue(entryOf(text('two')))
    changeset.enqueue(entryOf(text('earliest'), { since: sequenceKey(0) }))
  })
  return device
}

const textOf = (document: object | null | undefined) =>
  (document as Observation | null | undefined)?.rawNoteText

describe('a resolved write', () => {
  it.each([
    ['of the queued ones that were made before it the last in the queue', 2, 'earliest'],
    ['else the server’s', 0, 'server'],
  ])('[ENG-17] comes on top of %s', async (_, made, below) => {
    const { change } = await threeWrites()
    await change(async (changeset) => {
      await changeset.load([own])
      expect(textOf(await versionBefore(changeset, { ...own, place: sequenceKey(made) }))).toBe(below)
    })
  })

  it('[ENG-17] goes out where it was made: those behind it follow, those before it stay', async () => {
    const device = await threeWrites()
    await device.change(async (changeset) => {
      await changeset.load([own])
      await requeue(changeset, { ...own, place: sequenceKey(1) }, entryOf(text('resolved')), (entry) => ({
        ...entry,
        document: text(`${textOf(entry.document)}, changed`),
      }))
    })
    const line = [...device.tables().outbox].map(([key, { document, since }]) => [
      Number(key),
      textOf(document),
      since,
    ])
    expect(line).toEqual([
      [1, 'one', undefined],
      [3, 'earliest', sequenceKey(0)],
      [4, 'resolved', sequenceKey(1)],
      [5, 'two, changed', sequenceKey(2)],
    ])
    expect(device.findings()).toEqual([])
  })
})

describe('a correction behind a version that changed', () => {
  const [before, after, other] = ['a', 'b', 'c'].map((end) => ({
    deterministicChecksum: `sha256:0000000${end}`,
  }))
  if (!before || !after || !other) throw new Error('three checksums')
  const correcting = (supersedes: string) =>
    entryOf({ ...note, correction: correction(supersedes) }, { since: '4' })

  it('[OBS-10] supersedes what that became', () => {
    const entry = correcting(before.deterministicChecksum)
    expect(relinked(entry, before, after)).toEqual(correcting(after.deterministicChecksum))
  })

  it.each([
    ['it supersedes another version', correcting(other.deterministicChecksum)],
    ['it is no correction', entryOf(note)],
    ['it is a recommendation', { ...own, document: advice, writtenAt: 1 }],
  ])('[OBS-10] stays as it is where %s', (_, entry) => {
    expect(relinked(entry, before, after)).toBe(entry)
  })
})

describe('a write behind one that was sent as another version', () => {
  it('[ENG-40] keeps what it changed, takes the rest over, and so does the one behind it', () => {
    const losing = text('losing')
    const sent = { ...text('sent'), status: 'confirmed' as const, updatedAt: '2026-02-11T21:00:00Z' }
    const follow = followEdit(context, losing, sent)
    const place = { location: { lat: 1, lon: 2 } }
    const first = follow(entryOf({ ...losing, ...place }, { since: '4' }))
    const followed = {
      ...sent,
      ...place,
      updatedAt: '2026-02-11T21:00:00.001Z',
      deterministicChecksum: checksumOf({ ...sent, ...place }),
    }
    expect(first).toEqual(entryOf(followed, { since: '4' }))
    const second = follow(entryOf({ ...losing, ...place, captureMode: 'voice' }))
    expect(second.document).toMatchObject({
      rawNoteText: 'sent',
      ...place,
      captureMode: 'voice',
      updatedAt: '2026-02-11T21:00:00.002Z',
    })
  })

  it('[ENG-40] of a recommendation gets a time behind it as well', () => {
    const sent = { ...advice, action: 'sent', updatedAt: '2026-02-11T21:00:00Z' }
    const follow = followEdit(context, advice, sent)
    const later = { ...advice, rationale: ['seen'] }
    const entry = {
      type: 'recommendation',
      id: advice.recommendationId,
      document: later,
      writtenAt: 1,
    } as const
    expect(follow(entry)).toEqual({
      ...entry,
      document: { ...later, action: 'sent', updatedAt: '2026-02-11T21:00:00.001Z' },
    })
  })

  it('[ENG-40] stays as it is where the same was sent', () => {
    const entry = entryOf(text('later'))
    expect(followEdit(context, note, { ...note })(entry)).toBe(entry)
  })
})
