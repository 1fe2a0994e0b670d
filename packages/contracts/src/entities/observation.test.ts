import { describe, expect, it } from 'vitest'

import { instant, list, minted, named, number, oneOf } from '../testing/field-values.ts'
import { observation } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import {
  CHECKSUM,
  ID,
  ISSUE,
  LOCATION,
  NOTE,
  REQUIRED,
  SEVERITY,
  SHARE,
  SHORT,
} from '../testing/shared-fields.ts'
import { Observation } from './observation.ts'

testShape({
  name: 'Observation',
  schema: Observation,
  full: observation({
    correction: {
      correctionId: 'cor_1',
      reason: 'Wrong row',
      correctedAt: '2026-02-11T19:00:00Z',
      supersedes: 'sha256:0badcafe',
    },
  }),
  fields: {
    '/observationId': minted('obs_'),
    '/deviceId': named('dev_'),
    '/createdAt': instant,
    '/captureMode': oneOf('voice', 'typed'),
    '/rawNoteText': NOTE,
    '/transcription/text': NOTE,
    '/transcription/source': oneOf('on_device_asr', 'manual_typed', 'none'),
    '/transcription/confidence': SHARE,
    '/extraction/crop': oneOf('grape'),
    '/extraction/variety': SHORT,
    '/extraction/fieldBlock': SHORT,
    '/extraction/issue': ISSUE,
    '/extraction/severity': SEVERITY,
    '/extraction/symptoms': list(1, 'white powdery patches'),
    '/extraction/symptoms/0': SHORT,
    '/extraction/observationTime': instant,
    '/normalization/temperatureC': number(-30, 70),
    '/normalization/leafWetness': oneOf('dry', 'damp', 'wet', 'unknown'),
    '/normalization/windEstimateKph': number(0, 120),
    ...LOCATION,
    '/status': oneOf('draft', 'confirmed', 'logged'),
    '/schemaVersion': oneOf('1.0.0'),
    '/deterministicChecksum': CHECKSUM,
    '/updatedAt': instant,
    '/correction/correctionId': ID,
    '/correction/reason': REQUIRED,
    '/correction/correctedAt': instant,
    '/correction/supersedes': CHECKSUM,
  },
  optional: ['/extraction/variety', '/normalization/temperatureC', '/updatedAt', '/correction'],
})

describe('what was not observed, and where', () => {
  const at = (location: object, more: object = {}) =>
    Observation.safeParse({ ...observation(), location: { lat: 38.5, lon: -121.7, ...location }, ...more })
      .success

  it('[SHP-12] a place may say where it comes from and how precise it is', () => {
    for (const source of ['gps', 'map', 'block', 'last_known', 'region']) expect(at({ source })).toBe(true)
    for (const accuracyM of [0, 4.5, 5_000, 100_000]) expect(at({ source: 'gps', accuracyM })).toBe(true)
    for (const bad of [{ source: 'guess' }, { accuracyM: -1 }, { accuracyM: '5' }, { altitudeM: 3 }]) {
      expect(at(bad)).toBe(false)
    }
  })

  it('[SHP-12] a list of JSON Pointers may name what was not observed', () => {
    expect(at({}, { notObserved: [] })).toBe(true)
    expect(at({}, { notObserved: ['/normalization/windEstimateKph', '/location'] })).toBe(true)
    for (const bad of ['/location', ['location'], ['/a~2b'], Array(201).fill('/location')]) {
      expect(at({}, { notObserved: bad })).toBe(false)
    }
  })
})
