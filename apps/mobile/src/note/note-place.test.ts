import { Observation, type ObservationLocation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { blockPlace, blocksOf, positionOf, REGION, typedPlace } from './note-place.ts'

const rng = seededRandom(4)
const at = (fieldBlock: string, location: ObservationLocation, notObserved?: string[]): Observation => {
  const note = Observation.parse(observation({}, rng))
  return { ...note, extraction: { ...note.extraction, fieldBlock }, location, notObserved }
}
const FIX: ObservationLocation = { lat: 50, lon: 8, source: 'gps', accuracyM: 9 }
const ROUGH: ObservationLocation = { ...FIX, accuracyM: 5000 }
const LAST = { lat: 3, lon: 3, accuracyM: 40 }
const notes = [
  at('Block 9', { lat: 9, lon: 0 }),
  at(' block 7', { lat: 7, lon: 0, source: 'gps', accuracyM: 4 }),
  at('Block 7', { lat: 77, lon: 0 }),
  at('', { lat: 1, lon: 0 }),
]

describe('the place of a note', () => {
  it('[APP-11] is the best that is known, and says how it is known', () => {
    const known = { fix: null, block: '', notes, last: LAST }
    expect(positionOf({ ...known, fix: FIX, block: 'Block 7' })).toEqual(FIX)
    expect(positionOf({ ...known, block: 'Block 7 ' })).toEqual({ lat: 7, lon: 0, source: 'block' })
    expect(positionOf({ ...known, block: 'Block 8' })).toEqual({ ...LAST, source: 'last_known' })
    expect(positionOf({ ...known, last: null })).toEqual(REGION)
  })

  it('[APP-11] is the block’s rather than a fix that is off by kilometres', () => {
    const known = { fix: ROUGH, block: 'Block 7', notes, last: LAST }
    expect(positionOf(known)).toMatchObject({ source: 'block' })
    expect(positionOf({ ...known, block: 'Block 8' })).toEqual(ROUGH)
  })

  it('[APP-11] is never taken from a note whose own place was not measured', () => {
    const guessed = [
      at('Oak 1', { lat: 5, lon: 5, source: 'block' }),
      at('Oak 1', { lat: 5, lon: 5, source: 'last_known' }),
      at('Oak 1', REGION),
      at('Oak 1', { lat: 5, lon: 5, source: 'gps' }, ['/location']),
      at('Oak 1', { ...ROUGH }),
      // As apps before contract 1.4 stored the region’s middle.
      at('Oak 1', { lat: REGION.lat, lon: REGION.lon }),
    ]
    expect(blockPlace('Oak 1', guessed)).toBeNull()
    expect(blockPlace('Oak 1', [...guessed, at('oak 1', { lat: 6, lon: 6, source: 'map' })])).toEqual({
      lat: 6,
      lon: 6,
      source: 'block',
    })
  })

  it.each([
    ['38.5449, -121.7405', { lat: 38.5449, lon: -121.7405, source: 'map' }],
    [' -33 ; 18.5 ', { lat: -33, lon: 18.5, source: 'map' }],
    ['38.5 −121.7', { lat: 38.5, lon: -121.7, source: 'map' }],
    ['91, 0', null],
    ['0, 181', null],
    ['38.5449,-121.7405', { lat: 38.5449, lon: -121.7405, source: 'map' }],
    ['38,5449, -121,7405', { lat: 38.5449, lon: -121.7405, source: 'map' }],
    ['−33,04 −68,89', { lat: -33.04, lon: -68.89, source: 'map' }],
    // The first half of the one before last, as it is typed.
    ['38,54', null],
    ['38.5', null],
    ['north of the well', null],
  ])('[APP-11] typed as %j is %j', (text, place) => {
    expect(typedPlace(text)).toEqual(place)
  })
})

it('offers the latest blocks, each once, the writer’s own last one first', () => {
  const more = [...notes, at('Block 9', { lat: 1, lon: 0 })]
  expect(blocksOf(more, '', 5)).toEqual(['Block 9', 'block 7', 'Block 7'])
  expect(blocksOf(more, 'Oak 3', 2)).toEqual(['Oak 3', 'Block 9'])
})
