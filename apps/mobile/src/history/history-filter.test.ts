import { Observation } from '@fieldsync/contracts'
import type { RecordStatus, RecordView } from '@fieldsync/sync-engine'
import { observation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { FILTERS, filtered } from './history-filter.ts'

const rng = seededRandom(6)

function view(
  status: RecordStatus,
  stage: 'draft' | 'confirmed',
  text = 'Mildew',
): RecordView<'observation'> {
  const document = { ...Observation.parse(observation({}, rng)), status: stage, rawNoteText: text }
  return { id: document.observationId, document, server: null, status, localOnly: null, lostCorrections: 0 }
}

const views = [
  view('pending', 'draft'),
  view('in_flight', 'confirmed'),
  view('synced', 'draft', 'Wilting in the south'),
  view('conflict', 'confirmed'),
  view('quarantined', 'draft'),
]

it.each([
  ['all', [0, 1, 2, 3, 4]],
  ['drafts', [0, 2, 4]],
  ['waiting', [0, 1]],
  ['sent', [2]],
  ['trouble', [3, 4]],
] as const)('%s shows what it says', (filter, shown) => {
  expect(filtered(views, filter, '').map((each) => views.indexOf(each))).toEqual(shown)
})

it('shows every note in one of the choices besides all', () => {
  const inOne = FILTERS.slice(1).flatMap((filter) => filtered(views, filter, ''))
  expect(new Set(inOne).size).toBe(views.length)
})

it('finds words in notes and blocks, whatever their case', () => {
  expect(filtered(views, 'all', ' SOUTH ')).toEqual([views[2]])
  const block = views[0]?.document.extraction.fieldBlock ?? ''
  expect(filtered(views, 'all', block.toUpperCase())).toContain(views[0])
  expect(filtered(views, 'drafts', 'nowhere')).toEqual([])
})
