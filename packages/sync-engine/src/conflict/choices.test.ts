import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { parked, quarantined, refusedBy } from '../testing/conflicts.ts'
import { CONFLICT_CHOICES, conflictChoices, conflictIssues, conflictWinner } from './choices.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({}, random))
const advice = Recommendation.parse(recommendation({}, random))
const patch = PlaybookPatch.parse(playbookPatch({}, random))
const rules = Playbook.parse(playbook())

const server = { updatedAt: '2026-02-11T18:00:00Z', record: note }
const met = { activeVersion: 4, document: rules, intervening: [], overlapping: false }
const issues = [{ path: '/rawNoteText', message: 'is not taken here' }]

describe('what a person can decide', () => {
  const about = [
    [
      'a note that lost to a newer one',
      refusedBy('OBSERVATION_IMMUTABLE', note, { server }),
      ['correct', 'accept_server'],
    ],
    [
      'a note that may not be sent',
      refusedBy('FORBIDDEN', note, { resolution: 'fix', issues }),
      ['fix', 'accept_server'],
    ],
    [
      'a recommendation that may not be sent: there is nothing in it to repair',
      refusedBy('FORBIDDEN', advice, { resolution: 'accept_server' }),
      ['accept_server'],
    ],
    ['an id that is taken', refusedBy('OBSERVATION_ID_TAKEN', note, { server }), ['rename', 'accept_server']],
    [
      'an id that is taken by what is not shown',
      refusedBy('OBSERVATION_ID_TAKEN', note),
      ['rename', 'discard'],
    ],
    [
      'a patch on an older version',
      refusedBy('PLAYBOOK_VERSION_MISMATCH', patch, { playbook: met }),
      ['rebase', 'accept_server'],
    ],
    [
      'a patch on a version that is not shown',
      refusedBy('PLAYBOOK_VERSION_MISMATCH', patch),
      ['rebase', 'discard'],
    ],
    ['a note in quarantine', quarantined(note), ['fix', 'resubmit', 'discard']],
    ['a recommendation in quarantine', quarantined(advice), ['resubmit', 'discard']],
    ['an edit of a deleted note', parked(note), ['resubmit', 'discard']],
    ['an edit that met another', parked(note, { server: note }), ['resubmit', 'accept_server']],
    [
      'a patch that met another version',
      parked(patch, { playbook: rules, resolution: 'rebase' }),
      ['rebase', 'accept_server'],
    ],
  ] as const

  it.each(about)('[ENG-17] about %s', (_, conflict, choices) => {
    expect(conflictChoices(conflict)).toEqual(choices)
  })

  it('[ENG-17] is one of a few things', () => {
    const all = new Set(about.flatMap(([, , choices]) => choices))
    expect(new Set(CONFLICT_CHOICES)).toEqual(all)
  })
})

describe('what a conflict shows', () => {
  it.each([
    ['the version that the server has', refusedBy('OBSERVATION_IMMUTABLE', note, { server }), note],
    ['nothing where the server shows nothing', refusedBy('OBSERVATION_IMMUTABLE', note), null],
    ['the version on the device', parked(note, { server: note }), note],
    ['nothing of a deleted record', parked(note), null],
    ['nothing beside a write in quarantine', quarantined(note, { base: note }), null],
  ])('[ENG-17] is %s', (_, conflict, winner) => {
    expect(conflictWinner(conflict)).toBe(winner)
  })

  it.each([
    ['of a write in quarantine', quarantined(note, { issues }), issues],
    ['that the server names', refusedBy('FORBIDDEN', note, { issues }), issues],
    ['none where the server names none', refusedBy('FORBIDDEN', note), []],
    ['none of a local conflict', parked(note), []],
  ])('[CNF-7] its issues are those %s', (_, conflict, found) => {
    expect(conflictIssues(conflict)).toEqual(found)
  })
})
