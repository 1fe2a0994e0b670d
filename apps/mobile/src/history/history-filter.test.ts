import { Observation } from '@fieldsync/contracts'
import type { RecordStatus, RecordView } from '@fieldsync/sync-engine'
import { observation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { type Filter, FILTERS, filtered, findNotes } from './history-filter.ts'

const rng = seededRandom(6)

function view(
  status: RecordStatus,
  stage: 'draft' | 'confirmed',
  text = 'Mildew',
): RecordView<'observation'> {
  const document = { ...Observation.parse(observation({}, rng)), status: stage, rawNoteText: text }
  return { id: document.observationId, document, server: null, status, localOnly: null, lostCorrections: 0 }
}

const wanted = (filter: Filter, search = '') => ({ filter, search, labelOf: (symptom: string) => symptom })

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
  expect(filtered(views, wanted(filter)).map((each) => views.indexOf(each))).toEqual(shown)
})

it('shows every note in one of the choices besides all', () => {
  const inOne = FILTERS.slice(1).flatMap((filter) => filtered(views, wanted(filter)))
  expect(new Set(inOne).size).toBe(views.length)
})

it('finds words in notes and blocks, whatever their case', () => {
  expect(filtered(views, wanted('all', ' SOUTH '))).toEqual([views[2]])
  const block = views[0]?.document.extraction.fieldBlock ?? ''
  expect(filtered(views, wanted('all', block.toUpperCase()))).toContain(views[0])
  expect(filtered(views, wanted('drafts', 'nowhere'))).toEqual([])
})

it('[APP-13] finds words whatever their accents, and symptoms by the phone’s own name and the stored one', () => {
  const spanish = view('synced', 'draft', 'Oi\u0301dio en la hilera 4')
  spanish.document.extraction = { ...spanish.document.extraction, symptoms: ['insectos'] }
  const found = (search: string) =>
    filtered([spanish], { filter: 'all', search, labelOf: () => 'bichos' }).length === 1
  expect(['oidio', 'OÍDIO', 'insects', 'bichos'].map(found)).toEqual([true, true, true, true])
  expect(found('mildiu')).toBe(false)
})

it('[APP-13] looks through every note on the device, and no further than it has to', async () => {
  const all = Array.from({ length: 1_700 }, (_, at) => view('synced', 'draft', `Note ${at}`))
  const needles = [3, 702, 1_699]
  for (const at of needles) {
    const needle = all[at]
    if (needle !== undefined) needle.document.rawNoteText = `Needle ${at}`
  }
  let reads = 0
  const list = async ({ after, limit = 100 }: { after?: string; limit?: number }) => {
    reads++
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
    return Promise.resolve(all.slice(start, start + limit))
  }
  const found = async (filter: Filter, search: string, most: number) => {
    reads = 0
    const notes = await findNotes(list, wanted(filter, search), most)
    return [notes.map(({ document }) => all.findIndex((each) => each.document === document)), reads]
  }
  expect(await found('all', 'needle', 51)).toEqual([needles, 4])
  expect(await found('all', 'needle', 2)).toEqual([[3, 702], 2])
  expect(await found('trouble', '', 51)).toEqual([[], 4])
  expect(await found('all', ' ', 3)).toEqual([[0, 1, 2], 1])
})
