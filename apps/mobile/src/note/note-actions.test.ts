import { Observation } from '@fieldsync/contracts'
import { canonicalRecord, decideObservation, ROLES, type Role } from '@fieldsync/domain'
import { observation, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { rightsOf } from '../data/rights.ts'
import { actorOf } from '../testing/actor-of.ts'
import { NOTE_ACTIONS, type NoteAction, noteActions } from './note-actions.ts'

const OWN = 'dev_scout_1'
const OTHER = 'dev_scout_2'
type Status = Observation['status']

const storedNote = (deviceId: string, status: Status): Observation =>
  Observation.parse(observation({ deviceId, status, updatedAt: '2026-06-14T17:05:00.000Z' }))

/** What the app sends when a person does this with a stored note. */
function sentBy(action: NoteAction, note: Observation): Observation {
  const { deterministicChecksum: _own, ...rest } = note
  const later = { ...rest, updatedAt: '2026-06-14T18:05:00.000Z' }
  const changed = { ...later, rawNoteText: `${note.rawNoteText}, and on berries` }
  if (action === 'confirm') return Observation.parse(observation({ ...later, status: 'confirmed' }))
  if (action === 'edit') return Observation.parse(observation(changed))
  const correction = {
    correctionId: 'corr_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
    reason: 'Looked again',
    correctedAt: '2026-06-14T18:05:00.000Z',
    supersedes: note.deterministicChecksum,
  }
  return Observation.parse(observation({ ...changed, correction }))
}

/** Whether the server takes what the app sends. */
const isAccepted = (role: Role, note: Observation, action: NoteAction): boolean =>
  decideObservation({
    actor: actorOf(role, OWN),
    incoming: canonicalRecord(sentBy(action, note)),
    timeMicros: 2,
    sha256,
    current: { canonical: canonicalRecord(note), timeMicros: 1, corrections: new Map() },
  }).kind === 'accept'

const CASES = ROLES.flatMap((role) =>
  [OWN, OTHER].flatMap((author) =>
    (['draft', 'confirmed', 'logged'] as const).map((status) => ({ role, author, status })),
  ),
)

describe('what is offered of a note', () => {
  it.each(CASES)(
    '[OBS-1, OBS-5, ACC-8, ACC-10] to the $role, of a $status note of $author, is what the server accepts',
    ({ role, author, status }) => {
      const note = storedNote(author, status)
      // A correction of a draft would be taken as well: it is the same as an edit, with a reason that nobody asks for.
      const actions = NOTE_ACTIONS.filter((action) => action !== 'correct' || status !== 'draft')
      const accepted = actions.filter((action) => isAccepted(role, note, action))
      expect(noteActions(note, rightsOf({ role, deviceId: OWN }))).toEqual(accepted)
    },
  )

  it('[APP-16] is everything until the role is known', () => {
    const rights = rightsOf({ role: '', deviceId: OWN })
    expect(noteActions(storedNote(OTHER, 'draft'), rights)).toEqual(['confirm', 'edit'])
  })
})
