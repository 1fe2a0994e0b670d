import fc from 'fast-check'
import { expect, it } from 'vitest'

import { formatPointer, parsePointer } from '../json-patch/pointer.ts'
import { pathsOverlap } from './paths-overlap.ts'

it.each([
  ['/a/b', '/a/b', true],
  ['/a', '/a/b/c', true],
  ['/a/b/c', '/a', true],
  ['', '/a', true],
  ['/a', '', true],
  ['/a/b', '/a/bc', false],
  ['/a/bc', '/a/b', false],
  ['/a~1b', '/a', false],
  ['/a~1b', '/a~1b/c', true],
  ['/a/', '/a', true],
  ['/a/', '/a/b', false],
])('[CNF-5, PCH-10] %s and %s overlap: %s', (a, b, overlap) => {
  expect(pathsOverlap([a], [b])).toBe(overlap)
  expect(pathsOverlap(['/x', a], [b, '/y'])).toBe(overlap)
})

it('[CNF-5] nothing overlaps with no paths', () => {
  expect(pathsOverlap([], [''])).toBe(false)
})

it('[CNF-5, PCH-10] agrees with comparing parsed segments', () => {
  const pointer = fc
    .array(fc.constantFrom('a', 'b', 'ab', '', '~', '/', 'a/b'), { maxLength: 4 })
    .map(formatPointer)
  const pointers = fc.array(pointer, { maxLength: 4 })
  const begins = (a: string, b: string) =>
    (parsePointer(a) ?? []).every((segment, i) => (parsePointer(b) ?? [])[i] === segment)
  fc.assert(
    fc.property(pointers, pointers, (a, b) => {
      expect(pathsOverlap(a, b)).toBe(a.some((x) => b.some((y) => begins(x, y) || begins(y, x))))
    }),
  )
})
