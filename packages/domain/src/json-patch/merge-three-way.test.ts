import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isSameJson, mergeThreeWay } from './merge-three-way.ts'

const SHAPE = { whole: new Set(['/place']), sets: new Set(['/tags']) }
const NONE = { whole: new Set<string>(), sets: new Set<string>() }

describe('a three-way merge', () => {
  it('[ENG-37] takes each value from the side that changed it, also where it was added or removed', () => {
    const base = { text: 'a', inner: { wind: 1, heat: 2, gone: true }, list: [1, 2] }
    const mine = { text: 'b', inner: { wind: 1, heat: 2, mine: null }, list: [1, 2] }
    const theirs = { text: 'a', inner: { wind: 9, heat: 2, gone: true, theirs: [] }, list: [2] }
    expect(mergeThreeWay(base, mine, theirs, NONE)).toStrictEqual({
      document: { text: 'b', inner: { wind: 9, heat: 2, mine: null, theirs: [] }, list: [2] },
      clashes: [],
    })
  })

  it('[ENG-37] does not mix two wholes, and counts each member of a set by itself', () => {
    const base = { place: { lat: 1, lon: 1 }, tags: ['a', 'b'] }
    const mine = { place: { lat: 2, lon: 1 }, tags: ['b', 'c'] }
    const theirs = { place: { lat: 1, lon: 2 }, tags: ['a', 'd'] }
    expect(mergeThreeWay(base, mine, theirs, SHAPE)).toStrictEqual({
      document: { place: { lat: 2, lon: 1 }, tags: ['d', 'c'] },
      clashes: ['/place'],
    })
    const both = mergeThreeWay(
      { tags: ['a', 'b'] },
      { tags: ['a', 'b', 'c'] },
      { tags: ['d', 'b', 'a'] },
      SHAPE,
    )
    expect(both).toStrictEqual({ document: { tags: ['d', 'b', 'a', 'c'] }, clashes: [] })
    const emptied = mergeThreeWay({ tags: ['a', 'b'] }, { tags: ['a'] }, { tags: ['b'] }, SHAPE)
    expect(emptied).toStrictEqual({ document: {}, clashes: [] })
  })

  it('[ENG-37] merges what both added, member by member or as a set', () => {
    expect(mergeThreeWay({}, { a: { x: 1 } }, { a: { y: 2 } }, NONE)).toStrictEqual({
      document: { a: { y: 2, x: 1 } },
      clashes: [],
    })
    expect(mergeThreeWay({}, { tags: ['a', 'b'] }, { tags: ['b', 'c'] }, SHAPE)).toStrictEqual({
      document: { tags: ['b', 'c', 'a'] },
      clashes: [],
    })
    expect(mergeThreeWay({ tags: ['a'] }, {}, { tags: ['a', 'b'] }, SHAPE)).toStrictEqual({
      document: { tags: ['b'] },
      clashes: [],
    })
  })

  it('[ENG-37] takes names of the language as plain names', () => {
    const mine = JSON.parse('{"__proto__": {"a": 1}, "constructor": 1}')
    expect(mergeThreeWay({}, mine, {}, NONE)).toStrictEqual({ document: mine, clashes: [] })
  })

  it('[ENG-38] names by JSON Pointer what both changed to different values', () => {
    const merged = mergeThreeWay({ 'a/b': { c: 1 } }, { 'a/b': { c: 2 } }, { 'a/b': { c: 3 } }, NONE)
    expect(merged).toStrictEqual({ document: { 'a/b': { c: 2 } }, clashes: ['/a~1b/c'] })
    expect(mergeThreeWay({ a: 1 }, {}, { a: 2 }, NONE)).toStrictEqual({ document: {}, clashes: ['/a'] })
    expect(mergeThreeWay({ a: 1 }, { a: 5 }, { a: 5 }, NONE).clashes).toEqual([])
    // An object and an array are two values, not two sides of one.
    const turned = mergeThreeWay({ a: 1 }, { a: [7] }, { a: { b: 7 } }, NONE)
    expect(turned).toStrictEqual({ document: { a: [7] }, clashes: ['/a'] })
  })

  it('[ENG-37] is the other side where one changed nothing, for any documents', () => {
    const document = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
    fc.assert(
      fc.property(document, document, (a, b) => {
        expect(isSameJson(mergeThreeWay(a, a, b, NONE).document, b)).toBe(true)
        expect(isSameJson(mergeThreeWay(a, b, a, NONE).document, b)).toBe(true)
        expect(mergeThreeWay(a, b, b, NONE).clashes).toEqual([])
      }),
      { seed: 20261129 },
    )
  })
})
