import { Observation } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type NotedValues, noted } from './noted-values.ts'
import { differingFields } from './open-conflict.ts'
import { shownObservation } from './shown-observation.ts'

const AT = '2026-06-14T17:05:00Z'
const note = (values: NotedValues): Observation =>
  Observation.parse({ ...observation({ rawNoteText: 'Dust' }), ...noted(values, AT) })

describe('a note of the command line', () => {
  it('[SHP-13] names everything that was not given, and invents nothing', () => {
    const bare = note({})
    expect(bare.notObserved).toEqual([
      '/extraction/issue',
      '/extraction/severity',
      '/extraction/symptoms',
      '/location',
      '/normalization/windEstimateKph',
    ])
    expect(bare).toMatchObject({
      extraction: { fieldBlock: '' },
      location: { source: 'region' },
      normalization: { leafWetness: 'unknown' },
    })
    const shown = shownObservation(bare)
    for (const name of ['issue', 'severity', 'symptoms', 'wind', 'block']) {
      expect(shown).toMatch(new RegExp(`^${name} +-$`, 'm'))
    }
    expect(shown).toMatch(/^location +not known$/m)
  })

  it('[SHP-13] has what was given, and names no more', () => {
    const full = note({
      issue: 'heat_stress',
      severity: 'high',
      block: 'Oak 3',
      symptom: ['hojas marchitas'],
      wind: '0',
      wetness: 'dry',
      lat: '38.5',
      lon: '-121.7',
    })
    expect(full.notObserved).toBeUndefined()
    expect(full.extraction).toMatchObject({ symptoms: ['wilting leaves'], observationTime: AT })
    expect(full.location).toEqual({ lat: 38.5, lon: -121.7, source: 'map' })
    expect(shownObservation(full)).toMatch(/^wind +0 km\/h$/m)
    expect(() => noted({ lat: '38.5' }, AT)).toThrow('both --lat and --lon')
  })

  it('[SHP-13] differs from another version by what was observed alone', () => {
    const calm = { ...note({ issue: 'other', wind: '0' }), rawNoteText: 'Same' }
    const open = { ...note({ issue: 'other' }), rawNoteText: 'Same' }
    const fields = differingFields({ ...open, observationId: calm.observationId }, calm)
    expect(fields).toContainEqual({ field: 'normalization.windEstimateKph', yours: '-', server: '0' })
    expect(fields.map(({ field }) => field).filter((field) => field.startsWith('notObserved'))).toEqual([])
  })

  it('[SHP-14] of an older app says that nothing is marked', () => {
    const old = Observation.parse(observation())
    expect(shownObservation(old)).toContain('older app')
    expect(
      shownObservation({ ...old, location: { ...old.location, source: 'gps', accuracyM: 5000 } }),
    ).toMatch(/\(rough position, ±5000 m\)$/m)
  })
})
