import { lenient, Location, Observation } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { canonicalRecord } from './canonical.ts'
import { parsePointer, valueAt } from './json-patch/pointer.ts'
import {
  isObserved,
  deviceStatePlaceholders,
  notObservedWith,
  observed,
  type ObservablePointer,
  placeKind,
  withoutPlaceholders,
} from './observed.ts'
import { observation as record } from './testing/observation-samples.ts'

const POINTERS = [
  '/extraction/fieldBlock',
  '/extraction/issue',
  '/extraction/observationTime',
  '/extraction/severity',
  '/extraction/symptoms',
  '/extraction/variety',
  '/location',
  '/normalization/leafWetness',
  '/normalization/temperatureC',
  '/normalization/windEstimateKph',
] as const satisfies readonly ObservablePointer[]

describe('a value that was not observed', () => {
  it.each(POINTERS)('[SHP-13] is the one at %s, if the record names it', (pointer) => {
    const plain = record()
    const full = record({
      extraction: { ...plain.extraction, variety: 'Merlot' },
      normalization: { leafWetness: 'damp', temperatureC: 31, windEstimateKph: 6 },
    })
    const there = valueAt(full, parsePointer(pointer) ?? [])
    if (!there) throw new Error(`no value at ${pointer}`)
    expect(observed(full, pointer)).toEqual(there.value)
    const others = POINTERS.filter((each) => each !== pointer)
    expect(observed({ ...full, notObserved: others }, pointer)).toEqual(there.value)
    expect(observed({ ...full, notObserved: [pointer] }, pointer)).toBeUndefined()
  })

  it('[SHP-13] is absent for every reader, though a placeholder fills its place', () => {
    const calm = record({ normalization: { leafWetness: 'unknown', windEstimateKph: 0 } })
    expect(observed(calm, '/normalization/windEstimateKph')).toBe(0)
    const placeholder = { ...calm, notObserved: ['/normalization/windEstimateKph'] }
    expect(observed(placeholder, '/normalization/windEstimateKph')).toBeUndefined()
    expect(observed(placeholder, '/normalization/leafWetness')).toBe('unknown')
  })

  it('[SHP-13] is also named by what is around it, and by nothing that only begins alike', () => {
    expect(isObserved({ notObserved: ['/location'] }, '/location/lat')).toBe(false)
    expect(isObserved({ notObserved: ['/extraction'] }, '/extraction/severity')).toBe(false)
    expect(isObserved({ notObserved: ['/extraction/symptoms/0'] }, '/extraction/symptoms')).toBe(true)
    expect(isObserved({ notObserved: ['/extraction/var'] }, '/extraction/variety')).toBe(true)
    expect(observed(record({ notObserved: [''] }), '/location')).toBeUndefined()
    expect(observed(record(), '/extraction/variety')).toBeUndefined()
  })

  it('[SHP-13] is in no comparison or export of the record', () => {
    const note = record({
      notObserved: ['/location', '/normalization/windEstimateKph', '/extraction/symptoms/0'],
    })
    const { notObserved: _named, location: _place, normalization, extraction, ...rest } = note
    expect(withoutPlaceholders(note)).toEqual({
      ...rest,
      normalization: { leafWetness: normalization.leafWetness },
      extraction: { ...extraction, symptoms: [] },
    })
    const { notObserved: _none, ...plain } = record({ notObserved: [] })
    expect(withoutPlaceholders({ ...plain, notObserved: [] })).toEqual(plain)
    expect(withoutPlaceholders({ ...note, notObserved: undefined, note: null })).toEqual({
      ...note,
      note: null,
      notObserved: undefined,
    })
    // A record that a store holds damaged, or one of another kind.
    for (const value of [null, 'text', undefined]) expect(withoutPlaceholders(value)).toBe(value)
    expect(withoutPlaceholders({ a: { b: null }, notObserved: [['/a'], 7] })).toEqual({ a: { b: null } })
    expect(withoutPlaceholders({ a: { b: null, c: 'text' }, notObserved: ['/d'] })).toEqual({
      a: { b: null, c: 'text' },
    })
    expect(withoutPlaceholders({ a: 1, notObserved: '/a' })).toEqual({ a: 1 })
  })

  it('[SHP-13] is content: naming it, or the source of a place, makes another version', () => {
    const plain = record()
    const text = canonicalRecord(plain).contentText
    expect(canonicalRecord({ ...plain, notObserved: ['/location'] }).contentText).not.toBe(text)
    const measured = { ...plain, location: { ...plain.location, source: 'gps' as const } }
    expect(canonicalRecord(measured).contentText).not.toBe(text)
    const rough = { ...measured, location: { ...measured.location, accuracyM: 5000 } }
    expect(canonicalRecord(rough).contentText).not.toBe(canonicalRecord(measured).contentText)
  })

  it('[SHP-13] is added and taken away one by one, and what an app does not know stays', () => {
    const known = { notObserved: ['/location', '/ofANewerApp'] }
    const changed = notObservedWith(known, { '/location': true, '/normalization/windEstimateKph': false })
    expect(changed).toEqual(['/normalization/windEstimateKph', '/ofANewerApp'])
    expect(notObservedWith({ notObserved: ['/location'] }, { '/location': true })).toBeUndefined()
    expect(notObservedWith({}, { '/location': true })).toBeUndefined()
    expect(
      notObservedWith({ notObserved: ['/c', '/a'] }, { '/location': false, '/extraction/issue': false }),
    ).toEqual(['/a', '/c', '/extraction/issue', '/location'])
  })

  it('[SHP-14] can be distinguished from an observation only where the version gives the origin of its place', () => {
    expect(deviceStatePlaceholders(record({ location: { lat: 1, lon: 2 } }))).toBe(false)
    expect(deviceStatePlaceholders(record({ location: { lat: 1, lon: 2, source: 'region' } }))).toBe(true)
    expect(deviceStatePlaceholders(record({ notObserved: ['/normalization/windEstimateKph'] }))).toBe(true)
  })
})

/** A record as an app of contract 1.3 reads it, which then edits it and sends it whole. */
const ReadBy13 = lenient(Observation.extend({ location: Location }).omit({ notObserved: true }))

describe('an app of contract 1.3', () => {
  it('[SHP-14] reads every record; what it edits no longer marks its placeholders, and is recognized by that', () => {
    const marked = record({
      notObserved: ['/normalization/windEstimateKph', '/location'],
      normalization: { leafWetness: 'unknown', windEstimateKph: 0 },
      location: { lat: 38.5449, lon: -121.7405, source: 'region' },
    })
    const edited: Observation = { ...ReadBy13.parse(marked), rawNoteText: 'Edited by an old phone' }
    expect(edited.observationId).toBe(marked.observationId)
    expect(deviceStatePlaceholders(marked)).toBe(true)
    expect(deviceStatePlaceholders(edited)).toBe(false)
    expect([observed(edited, '/normalization/windEstimateKph'), placeKind(edited)]).toEqual([0, 'unmarked'])
  })
})

describe('a place', () => {
  it.each([
    [{ source: 'gps', accuracyM: 100 }, 'gps'],
    [{ source: 'gps' }, 'gps'],
    [{ source: 'gps', accuracyM: 101 }, 'rough'],
    [{ source: 'gps', accuracyM: 5000 }, 'rough'],
    [{ source: 'block', accuracyM: 5000 }, 'block'],
    [{ source: 'map' }, 'map'],
    [{ source: 'last_known' }, 'last_known'],
    [{ source: 'region' }, 'none'],
    [{}, 'unmarked'],
  ] as const)('[SHP-14] of %j is shown as %s', (how, kind) => {
    expect(placeKind(record({ location: { lat: 38.5, lon: -121.7, ...how } }))).toBe(kind)
  })

  it('[SHP-14] that was not observed is none, whatever its source', () => {
    const unknown = record({
      location: { lat: 38.5, lon: -121.7, source: 'gps' },
      notObserved: ['/location'],
    })
    expect(placeKind(unknown)).toBe('none')
  })
})
