import { describe, expect, it } from 'vitest'

import { altered, observation, playbookPatch, recommendation, syncBatch, without } from '../testing/index.ts'
import { parseSyncBatch } from './parse-sync-batch.ts'

const failed = (input: unknown) => {
  const parsed = parseSyncBatch(input)
  if (parsed.ok) throw new Error('the batch was accepted')
  return parsed
}
const pathsOf = (input: unknown) => failed(input).issues.map(({ path }) => path)
const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value)
const recordOf = (path: string) => path.split('/').slice(0, 4).join('/')

const batch = syncBatch({
  observations: [observation(), observation({ status: 'confirmed' })],
  recommendations: [recommendation()],
  playbookPatches: [playbookPatch()],
})
/** A record with eleven errors. */
const wreck = { ...observation(), a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1 }

describe('parseSyncBatch', () => {
  it('[SHP-9] reads a good batch as it was sent, records in order', () => {
    expect(parseSyncBatch(batch)).toEqual({ ok: true, value: batch })
  })

  it('[IDM-6] reads a batch without records', () => {
    expect(parseSyncBatch(syncBatch())).toMatchObject({ ok: true })
  })

  it('[ERR-5] points at the fault inside its record', () => {
    expect(failed(altered(batch, '/upserts/observations/1/extraction/issue', 'rust'))).toMatchObject({
      issues: [{ path: '/upserts/observations/1/extraction/issue' }],
      more: 0,
    })
  })

  it('[ERR-5] escapes keys in the pointer', () => {
    expect(pathsOf(altered(batch, '/upserts/observations/0/a~b', 1))).toEqual([
      '/upserts/observations/0/a~0b',
    ])
    const slashed = {
      ...batch,
      upserts: { ...batch.upserts, observations: [{ ...observation(), 'a/b': 1 }] },
    }
    expect(pathsOf(slashed)).toEqual(['/upserts/observations/0/a~1b'])
  })

  it('[ERR-6] names every bad record of every kind, and every fault of the frame, at once', () => {
    let bad = altered(batch, '/upserts/observations/0/status', 'gone')
    bad = altered(bad, '/upserts/observations/1/location/lat', 91)
    bad = altered(bad, '/upserts/recommendations/0/action', '')
    bad = altered(bad, '/upserts/playbookPatches/0/baseVersion', 0)
    bad = altered(bad, '/requestedAt', 'now')
    bad = altered(bad, '/device/platform', 'fax')
    bad = altered(bad, '/upserts/photos', [])
    bad = without(bad, '/syncId')
    expect(pathsOf(bad).sort()).toEqual([
      '/device/platform',
      '/requestedAt',
      '/syncId',
      '/upserts/observations/0/status',
      '/upserts/observations/1/location/lat',
      '/upserts/photos',
      '/upserts/playbookPatches/0/baseVersion',
      '/upserts/recommendations/0/action',
    ])
  })

  it('[ERR-6] names bad records also where another record array is missing', () => {
    const bad = without(altered(batch, '/upserts/recommendations/0/action', ''), '/upserts/observations')
    expect(pathsOf(bad).sort()).toEqual(['/upserts/observations', '/upserts/recommendations/0/action'])
  })

  it('[ERR-6] lists at most ten faults of one record and counts the rest', () => {
    const parsed = failed(syncBatch({ observations: [wreck] }))
    expect(parsed.issues).toHaveLength(10)
    expect(parsed.more).toBe(1)
  })

  it('[ERR-6] names each of 1,000 bad records before it lists any further fault', () => {
    const parsed = failed(syncBatch({ observations: times(1000, wreck) }))
    expect(parsed.issues).toHaveLength(1000)
    expect(new Set(parsed.issues.map(({ path }) => recordOf(path))).size).toBe(1000)
    expect(parsed.more).toBe(1000 * 10)
  })

  it('[ERR-6] fills the room that is left with further faults', () => {
    const parsed = failed(syncBatch({ observations: times(300, wreck) }))
    expect(parsed.issues).toHaveLength(1000)
    expect(new Set(parsed.issues.map(({ path }) => recordOf(path))).size).toBe(300)
    expect(parsed.issues.length + parsed.more).toBe(300 * 11)
  })

  it('[ERR-6] a faulty frame takes no bad record’s place', () => {
    const parsed = failed(altered(syncBatch({ observations: times(1000, wreck) }), '/requestedAt', 'now'))
    expect(parsed.issues.every(({ path }) => path.startsWith('/upserts/observations/'))).toBe(true)
    expect(parsed.more).toBe(1000 * 10 + 1)
  })

  it('[ERR-6] counts what is beyond 1,000 bad records without reading it', () => {
    const parsed = failed(
      syncBatch({ observations: times(1200, wreck), recommendations: [recommendation(), recommendation()] }),
    )
    expect(parsed.issues).toHaveLength(1000)
    expect(parsed.more).toBe(1000 * 10 + 200 + 2)
  })

  it.each([
    ['without upserts', without(batch, '/upserts'), ['/upserts']],
    ['with null upserts', altered(batch, '/upserts', null), ['/upserts']],
    ['with an array of upserts', altered(batch, '/upserts', []), ['/upserts']],
    ['with an object for an array', altered(batch, '/upserts/observations', {}), ['/upserts/observations']],
    ['with null for an array', altered(batch, '/upserts/observations', null), ['/upserts/observations']],
    [
      'with records that are none',
      altered(batch, '/upserts/observations', [null, 1, []]),
      [0, 1, 2].map((i) => `/upserts/observations/${i}`),
    ],
    ['that is null', null, ['']],
    ['that is an array', [batch], ['']],
    ['that is text', 'batch', ['']],
    ['that is nothing', undefined, ['']],
  ])('[ERR-5] a batch %s is refused where it breaks', (_, input, paths) => {
    expect(pathsOf(input)).toEqual(paths)
  })

  it('[SHP-2] takes more records than an array inside a record may hold', () => {
    expect(parseSyncBatch(syncBatch({ observations: times(1001, observation()) })).ok).toBe(true)
  })
})
