import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { blankRecord, isBlocked, isEmpty, openStatus, positionOf } from './local-record.ts'

const note = Observation.parse(observation({}, seededRandom(1)))
const blank = blankRecord('observation', note.observationId)

it.each([
  ['synced', {}],
  ['synced', { server: note }],
  ['synced', { server: note, localOnly: note }],
  ['local_only', { localOnly: note }],
  ['pending', { queued: ['1'], localOnly: note }],
  ['in_flight', { queued: ['1', '2'], inFlight: 1, server: note }],
] as const)('[ENG-41] a record that waits for nobody is %s, by what there is of it: %j', (status, more) => {
  expect(openStatus({ ...blank, ...more, queued: [...('queued' in more ? more.queued : [])] })).toBe(status)
})

it.each([
  ['the server’s version', { server: note }],
  ['its own', { local: note }],
  ['a version that is only here', { localOnly: note }],
  ['a write', { queued: ['1'] }],
  ['a conflict', { status: 'conflict' as const }],
  ['a quarantined write', { status: 'quarantined' as const }],
])('[ENG-41] a record is kept for %s, and else for nothing', (_, more) => {
  expect(isEmpty({ ...blank, ...more })).toBe(false)
  expect(isEmpty(blank)).toBe(true)
})

it('[ENG-12, ENG-38] a record waits for a person with a conflict or a quarantined write', () => {
  const statuses = ['synced', 'local_only', 'pending', 'in_flight', 'conflict', 'quarantined'] as const
  const blocked = statuses.filter((status) => isBlocked({ ...blank, status }))
  expect(blocked).toEqual(['conflict', 'quarantined'])
})

it('[ENG-17] a write that was resolved counts by where it was made', () => {
  const entry = { type: 'observation', id: note.observationId, document: note, writtenAt: 1 } as const
  expect(positionOf({ key: '5', entry })).toBe('5')
  expect(positionOf({ key: '5', entry: { ...entry, since: '2' } })).toBe('2')
})
