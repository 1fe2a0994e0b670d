import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { blocksOf, placeOf } from './note-place.ts'

const rng = seededRandom(4)
const at = (fieldBlock: string, lat: number): Observation => {
  const note = Observation.parse(observation({}, rng))
  return { ...note, extraction: { ...note.extraction, fieldBlock }, location: { lat, lon: 0 } }
}
const notes = [at('Block 9', 9), at(' block 7', 7), at('Block 7', 77), at('', 1)]
const HERE = { lat: 50, lon: 8 }
const LAST = { lat: 3, lon: 3 }

it('takes the best that is known, and waits for nothing', () => {
  expect(placeOf({ here: HERE, block: 'Block 7', notes, last: LAST })).toEqual({
    source: 'here',
    location: HERE,
  })
  expect(placeOf({ here: null, block: 'Block 7 ', notes, last: LAST })).toEqual({
    source: 'block',
    location: { lat: 7, lon: 0 },
  })
  expect(placeOf({ here: null, block: 'Block 8', notes, last: LAST })).toEqual({
    source: 'last',
    location: LAST,
  })
  expect(placeOf({ here: null, block: '', notes, last: null }).source).toBe('region')
})

it('offers the latest blocks, each once', () => {
  expect(blocksOf([...notes, at('Block 9', 1)], 5)).toEqual(['Block 9', 'block 7', 'Block 7'])
  expect(blocksOf(notes, 1)).toEqual(['Block 9'])
})
