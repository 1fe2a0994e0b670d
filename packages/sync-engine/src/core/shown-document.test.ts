import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { shownDocument, withheldAfter } from './shown-document.ts'

describe('fields that are kept beside the server’s side', () => {
  const before = observation()
  const stored = {
    withheld: {
      fields: {
        '/notObserved': ['/normalization/windEstimateKph', '/location'],
        '/location/source': 'block',
      },
    },
    server: before,
  } as unknown as Parameters<typeof withheldAfter>[0]

  it('[ENG-33] are shown with the version that they were kept of, and with no later one of this device', () => {
    const updatedAt = '2026-02-11T18:00:00Z'
    const local = { ...before, updatedAt }
    const record = {
      type: 'observation',
      server: before,
      local,
      withheld: { updatedAt, fields: { '/soilMoisture': 0.3 } },
    } as unknown as Parameters<typeof shownDocument>[0]
    expect(shownDocument(record)).toEqual({ ...local, soilMoisture: 0.3 })
    expect(
      shownDocument({ ...record, local: { ...local, updatedAt: '2026-02-11T18:00:01Z' } } as typeof record),
    ).toEqual({
      ...local,
      updatedAt: '2026-02-11T18:00:01Z',
    })
    expect(shownDocument({ ...record, local: null })).toEqual({
      ...before,
      soilMoisture: 0.3,
    })
  })

  it('[ENG-33] stay while others change something else, and no longer say what is not so', () => {
    expect(withheldAfter(stored, { ...before, rawNoteText: 'by others' })).toEqual(stored.withheld)
    const moved = { ...before, location: { lat: 1, lon: 2 } }
    expect(withheldAfter(stored, moved)?.fields).toEqual({
      '/notObserved': ['/normalization/windEstimateKph'],
    })
    const measured = { ...moved, normalization: { ...before.normalization, windEstimateKph: 31 } }
    expect(withheldAfter(stored, measured)).toBeUndefined()
    const said = { ...before, notObserved: [] }
    expect(withheldAfter(stored, said)?.fields).toEqual({ '/location/source': 'block' })
  })
})
