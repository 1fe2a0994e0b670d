import { describe, expect, it } from 'vitest'

import {
  DeterministicChecksum,
  Device,
  Observation,
  parseInput,
  parseSyncBatch,
  Playbook,
  PlaybookPatch,
  Recommendation,
  WeatherFeatures,
} from '../../index.ts'
import { seededRandom } from '../seeded-random.ts'
import { mintId, ulidAt } from './ids.ts'
import { checksumOf, observation } from './observation.ts'
import { altered, without } from './overrides.ts'
import { playbook, playbookPatch } from './playbook.ts'
import { recommendation, weatherFeatures } from './recommendation.ts'
import { device, syncBatch } from './sync-batch.ts'

describe('builders', () => {
  const rng = seededRandom(1)

  it.each([
    ['device', Device, device()],
    ['observation', Observation, observation({}, rng)],
    ['recommendation', Recommendation, recommendation({}, rng)],
    ['playbook', Playbook, playbook()],
    ['playbookPatch', PlaybookPatch, playbookPatch({}, rng)],
    ['weatherFeatures', WeatherFeatures, weatherFeatures()],
  ])('%s keeps the contract', (_, schema, record) => {
    expect(parseInput(schema, record)).toEqual({ ok: true, value: record })
  })

  it('a batch of a thousand observations keeps the contract, each about 1 KB and with its own id', () => {
    const observations = Array.from({ length: 1000 }, () => observation({}, rng))
    expect(parseSyncBatch(syncBatch({ observations }, rng)).ok).toBe(true)
    expect(new Set(observations.map(({ observationId }) => observationId)).size).toBe(1000)
    const bytes = JSON.stringify(observations).length / observations.length
    expect(bytes).toBeGreaterThan(900)
    expect(bytes).toBeLessThan(1200)
  })

  it('the same seed gives the same records', () => {
    const all = (seed: number) => {
      const random = seededRandom(seed)
      return [
        observation({}, random),
        recommendation({}, random),
        playbookPatch({}, random),
        syncBatch({}, random),
      ]
    }
    expect(all(7)).toEqual(all(7))
    expect(all(7)).not.toEqual(all(8))
  })

  it('an undefined override leaves an optional field out', () => {
    expect('updatedAt' in observation({ updatedAt: undefined })).toBe(false)
    expect('lastSyncAt' in device({ lastSyncAt: undefined })).toBe(false)
  })

  it('ids and times follow createdAt', () => {
    const record = observation({ createdAt: '2026-03-04T05:06:07Z' })
    expect(record.observationId).toMatch(/^obs_20260304_/)
    expect(record).toMatchObject({
      updatedAt: '2026-03-04T05:06:07Z',
      extraction: { observationTime: '2026-03-04T05:06:07Z' },
    })
  })
})

describe('checksumOf', () => {
  const record = observation()

  it('is the checksum that builders put in, and follows the content', () => {
    expect(DeterministicChecksum.parse(checksumOf(record))).toBe(record.deterministicChecksum)
    expect(
      observation({ ...record, rawNoteText: 'other', deterministicChecksum: undefined })
        .deterministicChecksum,
    ).not.toBe(record.deterministicChecksum)
  })

  it('does not follow status, time, correction or the order of keys', () => {
    const same = {
      ...Object.fromEntries(Object.entries(record).toReversed()),
      ...record,
      status: 'logged' as const,
    }
    expect(checksumOf({ ...same, updatedAt: '2030-01-01T00:00:00Z' })).toBe(record.deterministicChecksum)
  })
})

describe('ids', () => {
  it('ULIDs of one time share their first ten characters and sort by time', () => {
    const rng = seededRandom(3)
    const [a, b, later] = [
      ulidAt(rng, 1_770_832_800_000),
      ulidAt(rng, 1_770_832_800_000),
      ulidAt(rng, 1_770_832_800_001),
    ]
    expect(a.slice(0, 10)).toBe(b.slice(0, 10))
    expect(a).not.toBe(b)
    expect(a < later && b < later).toBe(true)
  })

  it('the day of an id is the UTC day', () => {
    expect(mintId('rec', seededRandom(1), '2026-02-11T23:30:00-08:00')).toMatch(/^rec_20260212_[0-9A-Z]{26}$/)
  })
})

describe('altered and without', () => {
  const value = { a: { b: [1, 2] }, c: 3 }

  it('change a copy at a pointer', () => {
    expect(altered(value, '/a/b/1', 'x')).toEqual({ a: { b: [1, 'x'] }, c: 3 })
    expect(altered(value, '/new', null)).toEqual({ ...value, new: null })
    expect(without(value, '/a/b')).toEqual({ a: {}, c: 3 })
    expect(without(value, '/a/b/0')).toEqual({ a: { b: [2] }, c: 3 })
    expect(value).toEqual({ a: { b: [1, 2] }, c: 3 })
  })

  it('throw where nothing holds the key', () => {
    expect(() => altered(value, '/c/d', 1)).toThrow('nothing holds d')
    expect(() => without(value, '')).toThrow('must name a key')
  })
})
