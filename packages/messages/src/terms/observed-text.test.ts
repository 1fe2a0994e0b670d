import { Observation } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { createMessages } from '../create-messages.ts'
import { observedText, placeText, symptomLabel } from './observed-text.ts'
import { termsEn } from './terms-en.ts'
import { termsEs } from './terms-es.ts'

const wordsIn = createMessages(termsEn, termsEs)
const en = wordsIn('en')
const es = wordsIn('es')

const seen = Observation.parse({
  schemaVersion: '1.0.0',
  observationId: 'obs_20260211_01KH6XRA80B0HM4JSXZXBR4VSR',
  deviceId: 'dev_anna',
  createdAt: '2026-02-11T18:00:00.000Z',
  captureMode: 'typed',
  status: 'confirmed',
  rawNoteText: 'Block 6',
  transcription: { source: 'manual_typed', confidence: 1, text: 'Block 6' },
  extraction: {
    crop: 'grape',
    issue: 'heat_stress',
    severity: 'high',
    symptoms: ['sunburned berries', 'eaten by deer'],
    fieldBlock: 'Block 6',
    observationTime: '2026-02-11T18:00:00.000Z',
  },
  normalization: { leafWetness: 'dry', windEstimateKph: 12.5, temperatureC: 31 },
  location: { lat: 38.766, lon: -121.568_06, source: 'gps', accuracyM: 8 },
  deterministicChecksum: `sha256:${'0'.repeat(64)}`,
})

it('[SHP-15] shows a symptom in the person’s language, whatever phone chose it', () => {
  for (const stored of ['sunburned berries', 'bayas quemadas por el sol']) {
    expect(symptomLabel(en.t, stored)).toBe('sunburned berries')
    expect(symptomLabel(es.t, stored)).toBe('bayas quemadas por el sol')
  }
  expect(symptomLabel(es.t, 'eaten by deer')).toBe('eaten by deer')
})

it('[SHP-13, SHP-14] says an observation in words, with units and how its place is known', () => {
  expect(observedText(en, seen)).toEqual({
    issue: 'Heat stress',
    severity: 'High',
    symptoms: 'sunburned berries, eaten by deer',
    leafWetness: 'Dry',
    wind: '12.5 km/h',
    temperature: '31 °C',
    place: 'Measured here: 38.7660, -121.5681 (±8 m)',
  })
})

it('[APP-62] shows wind and temperature in the units of the person', () => {
  const inUs = observedText(wordsIn('en', 'us'), seen)
  expect([inUs.wind, inUs.temperature]).toEqual(['7.8 mph', '87.8 °F'])
})

it('[SHP-13] says that nobody observed what only a placeholder fills', () => {
  const { temperatureC: _none, ...normalization } = seen.normalization
  const without = {
    ...seen,
    normalization,
    notObserved: ['/extraction/issue', '/normalization/windEstimateKph', '/location'],
  } satisfies Observation
  const notObserved = 'No observado'
  expect(observedText(es, without)).toMatchObject({
    issue: notObserved,
    wind: notObserved,
    temperature: null,
    place: 'Desconocida',
  })
})

it('[SHP-14] leaves out how far a measured place may be off where nobody recorded it', () => {
  const { accuracyM: _unknown, ...location } = seen.location
  expect(placeText(en, { location })).toBe('Measured here: 38.7660, -121.5681')
})
