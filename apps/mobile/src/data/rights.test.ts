import { Instant, Observation, Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { canonicalRecord, decideObservation, decidePatch, ROLES } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { actorOf } from '../testing/actor-of.ts'
import { rightsOf } from './rights.ts'

const OWN = 'dev_scout_1'
const OTHER = 'dev_scout_2'

describe.each(ROLES)('what the app offers to a %s', (role) => {
  const rights = rightsOf({ role, deviceId: OWN })
  const takes = (author: string): boolean =>
    decideObservation({
      actor: actorOf(role, OWN),
      incoming: canonicalRecord(Observation.parse(observation({ deviceId: author }))),
      timeMicros: 1,
      sha256,
      current: undefined,
    }).kind === 'accept'

  it('[APP-16, OBS-1, ACC-7] is a new note where the server takes one', () => {
    expect(rights.has('observations.write')).toBe(takes(OWN))
  })

  it.each([OWN, OTHER])(
    '[ENG-43, OBS-1, ACC-11] is to send what the server has lost of %s where it takes that',
    (author) => {
      const { deviceId } = Observation.parse(observation({ deviceId: author }))
      expect(rights.mayWriteNoteOf(deviceId)).toBe(takes(author))
    },
  )

  it('[PCH-7, ACC-9] is to change a value of the playbook where the server applies it', () => {
    const patch = PlaybookPatch.parse(playbookPatch({ requestedByDeviceId: OWN }))
    const decision = decidePatch({
      actor: actorOf(role, OWN),
      playbook: Playbook.parse(playbook({ version: patch.baseVersion })),
      acceptedContent: undefined,
      grants: undefined,
      incoming: canonicalRecord(patch),
      at: Instant.parse('2026-06-14T18:05:00.000Z'),
    })
    expect(rights.has('playbooks.patch')).toBe(decision.kind === 'accept')
  })
})

it('[APP-16] everything is offered until the role is known, but not to send in another’s name', () => {
  const rights = rightsOf({ role: '', deviceId: OWN })
  const { deviceId } = Observation.parse(observation({ deviceId: OTHER }))
  expect(rights.has('playbooks.patch')).toBe(true)
  expect(rights.mayChangeNoteOf(deviceId)).toBe(true)
  expect(rights.mayWriteNoteOf(deviceId)).toBe(false)
})
