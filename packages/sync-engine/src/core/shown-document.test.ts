import { Observation, Playbook } from '@fieldsync/contracts'
import { observation, playbook, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { blankRecord } from './local-record.ts'
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

  it('[ENG-33] lists of what is no pointer, or names the whole record, say nothing that can stop being so', () => {
    const fields = { '/remarks': ['clear', '', 7, [], '/rawNoteText'] }
    const record = { withheld: { fields }, server: before } as unknown as Parameters<typeof withheldAfter>[0]
    expect(withheldAfter(record, { ...before, rawNoteText: 'by others' })?.fields).toEqual({
      '/remarks': ['clear', '', 7, []],
    })
  })

  it('[ENG-33] do not stay where they name no value', () => {
    const record = { withheld: { fields: { '': 1, remarks: 2 } }, server: before } as unknown as typeof stored
    expect(withheldAfter(record, { ...before })).toBeUndefined()
  })

  it('[ENG-33] stay where there is no other version to compare with', () => {
    expect(withheldAfter(stored, null)).toBe(stored.withheld)
    expect(withheldAfter({ ...stored, server: null }, before)).toBe(stored.withheld)
    expect(withheldAfter({ ...stored, withheld: undefined }, before)).toBeUndefined()
  })

  it('[ENG-33] stay beside an object that neither version has, and not beside one of others', () => {
    const fields = { '/correction/witness': 'Ben' }
    const record = { server: before, withheld: { fields } } as unknown as Parameters<typeof withheldAfter>[0]
    expect(withheldAfter(record, { ...before })?.fields).toEqual(fields)
    expect(withheldAfter(record, { ...before, correction: { reason: 'misread' } })).toBeUndefined()
    const deeper = { '/correction/witness/name': 'Ben' }
    const corrected = { ...before, correction: { reason: 'misread' } }
    const below = { server: corrected, withheld: { fields: deeper } } as unknown as typeof record
    expect(withheldAfter(below, { ...corrected, correction: { reason: 'other' } })?.fields).toEqual(deeper)
  })
})

describe('what a person sees of a record', () => {
  const server = Observation.parse(observation({}, seededRandom(2)))
  const blank = blankRecord('observation', server.observationId)
  const own = { ...server, rawNoteText: 'own' }
  const lost = { ...server, rawNoteText: 'only here' }

  it.each([
    ['nothing of a blank one', {}, null],
    ['the device’s own version', { local: own, server, localOnly: lost }, own],
    ['else the server’s', { server, localOnly: lost }, server],
    ['else what the server no longer has', { localOnly: lost }, lost],
  ])('[ENG-41, ENG-58] is %s', (_, more, shown) => {
    expect(shownDocument({ ...blank, ...more })).toEqual(shown)
  })

  it('[ENG-34] has of the keys that another build has stored those that this one knows', () => {
    const { notObserved: _none, ...older } = server
    const fields = { '/notObserved': ['/location'], '/mood': 'good' }
    const record = { ...blank, server: older, unknown: { fields, contract: '9.0.0' } }
    expect(shownDocument(record)).toEqual({ ...older, notObserved: ['/location'] })
    expect(shownDocument({ ...record, local: older })).toEqual(older)
    const rules = Playbook.parse(playbook())
    const ofPlaybook = {
      ...blankRecord('playbook', rules.playbookId),
      server: rules,
      unknown: record.unknown,
    }
    expect(shownDocument(ofPlaybook)).toEqual(rules)
  })

  it('[ENG-33] is nothing where only what was withheld is left', () => {
    const withheld = { fields: { '/mood': 'good' } }
    expect(shownDocument({ ...blank, withheld })).toBeNull()
  })

  it('[ENG-33] has what is kept of a version without a time only where that is the server’s', () => {
    const { updatedAt: _time, ...undated } = server
    const withheld = { fields: { '/mood': 'good' } }
    const shown = (local: Observation | null) => shownDocument({ ...blank, server: undated, local, withheld })
    expect(shown(null)).toEqual({ ...undated, mood: 'good' })
    expect(shown({ ...undated })).toEqual(undated)
  })
})
