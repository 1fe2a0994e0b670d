import fc from 'fast-check'
import { expect, it } from 'vitest'

import { formatPointer, parsePointer, valueAt } from './pointer.ts'

it.each([
  ['', []],
  ['/', ['']],
  ['/a/b', ['a', 'b']],
  ['/a~1b/m~0n', ['a/b', 'm~n']],
  ['/~01', ['~1']],
  ['a', undefined],
  ['/~', undefined],
  ['/~2', undefined],
])('parses %j', (pointer, segments) => {
  expect(parsePointer(pointer)).toEqual(segments)
})

it('formats what it parses', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a') })), (segments) => {
      expect(parsePointer(formatPointer(segments))).toEqual(segments)
    }),
  )
})

const DOCUMENT = JSON.parse(
  '{"list": [{"a": null}, 2], "__proto__": 3, "": 4, "0": 5, "text": "abc", "long": [0,1,2,3,4,5,6,7,8,9,10]}',
)

it.each([
  [[], { value: DOCUMENT }],
  [['list', '0', 'a'], { value: null }],
  [['list', '1'], { value: 2 }],
  [['__proto__'], { value: 3 }],
  [[''], { value: 4 }],
  [['0'], { value: 5 }],
  [['long', '10'], { value: 10 }],
  [['long', '11'], undefined],
  [['list', '2'], undefined],
  [['list', '0', 'a', 'b'], undefined],
  [['text', '0'], undefined],
  [['text', 'length'], undefined],
  [['list', '01'], undefined],
  [['list', '-'], undefined],
  [['list', '1e0'], undefined],
  [['list', 'length'], undefined],
  [['list', '1', 'toString'], undefined],
  [['constructor'], undefined],
  [['list', '0', '__proto__'], undefined],
])('finds the value at %j among own members only', (segments, found) => {
  expect(valueAt(DOCUMENT, segments)).toEqual(found)
})
