import type { PatchOperation } from '@fieldsync/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { canonicalText } from '../canonical.ts'
import { applyPatch } from './apply.ts'
import { formatPointer, valueAt } from './pointer.ts'

const add = (path: string, value: PatchOperation['value'] & {}): PatchOperation => ({
  op: 'add',
  path,
  value,
})
const replace = (path: string, value: number): PatchOperation => ({ op: 'replace', path, value })
const remove = (path: string): PatchOperation => ({ op: 'remove', path })

const after = (document: unknown, ...operations: PatchOperation[]) => {
  const result = applyPatch(document, operations)
  return result.ok ? canonicalText(result.document) : `${result.index}: ${result.reason}`
}

describe('operations of RFC 6902', () => {
  it.each([
    ['adds a member', add('/b', 2), '{"a":[1,2],"b":2}'],
    ['adds over a member', add('/a', 2), '{"a":2}'],
    ['adds before an item', add('/a/1', 9), '{"a":[1,9,2]}'],
    ['adds at the end by index', add('/a/2', 9), '{"a":[1,2,9]}'],
    ['adds at the end by -', add('/a/-', 9), '{"a":[1,2,9]}'],
    ['adds an array as one item', add('/a/-', [9]), '{"a":[1,2,[9]]}'],
    ['adds the document', add('', 9), '9'],
    ['replaces a member', replace('/a', 9), '{"a":9}'],
    ['replaces an item', replace('/a/0', 9), '{"a":[9,2]}'],
    ['replaces the document', replace('', 9), '9'],
    ['removes a member', remove('/a'), '{}'],
    ['removes an item', remove('/a/0'), '{"a":[2]}'],
  ])('%s', (_, operation, text) => {
    expect(after({ a: [1, 2] }, operation)).toBe(text)
  })

  it.each([
    ['adds a member', add('/list/0/c', 2), '{"inner":{"a":[1]},"list":[{"b":1,"c":2}]}'],
    ['adds an item', add('/inner/a/0', 2), '{"inner":{"a":[2,1]},"list":[{"b":1}]}'],
    ['replaces a member', replace('/list/0/b', 2), '{"inner":{"a":[1]},"list":[{"b":2}]}'],
    ['removes a member', remove('/list/0/b'), '{"inner":{"a":[1]},"list":[{}]}'],
    ['removes an item', remove('/inner/a/0'), '{"inner":{"a":[]},"list":[{"b":1}]}'],
    ['removes a member with members', remove('/inner/a'), '{"inner":{},"list":[{"b":1}]}'],
  ])('%s of what lies deeper', (_, operation, text) => {
    expect(after({ inner: { a: [1] }, list: [{ b: 1 }] }, operation)).toBe(text)
  })

  it.each([
    ['a missing holder', add('/b/c', 1), 'there is no "b"'],
    ['an item behind the end', add('/a/3', 1), '"3" is not a position in an array of 2'],
    ['an index with a leading zero', add('/a/01', 1), '"01" is not a position in an array of 2'],
    ['a name in an array', add('/a/x', 1), '"x" is not a position in an array of 2'],
    ['an empty index', replace('/a/', 1), 'there is no item "" in an array of 2'],
    ['replacing at -', replace('/a/-', 1), 'there is no item "-" in an array of 2'],
    ['removing at -', remove('/a/-'), 'there is no item "-" in an array of 2'],
    ['replacing what is missing', replace('/b', 1), 'there is no "b"'],
    ['removing what is missing', remove('/b'), 'there is no "b"'],
    ['removing the document', remove(''), 'the whole document cannot be removed'],
    ['a holder that is a number', add('/a/0/b', 1), 'there is no object or array that could contain "b"'],
    ['an inherited member', remove('/toString'), 'there is no "toString"'],
    ['a member of a prototype', add('/__proto__/polluted', 1), 'there is no "__proto__"'],
    ['a path that is none', remove('a'), 'the path is not a JSON Pointer'],
  ])('refuses %s, and says why', (_, operation, reason) => {
    expect(after({ a: [1, 2] }, replace('/a/0', 5), operation)).toBe(`1: ${reason}`)
  })

  it('[SHP-8] ignores the value of a remove', () => {
    expect(after({ a: 1, b: 2 }, { op: 'remove', path: '/a', value: { b: 'ignored' } })).toBe('{"b":2}')
  })

  it('takes names of the language as plain names', () => {
    const operation = add('/__proto__', { polluted: true })
    expect(after({}, operation)).toBe('{"__proto__":{"polluted":true}}')
    expect(after({}, operation, remove('/__proto__'))).toBe('{}')
    expect(after({}, add('/constructor', 1), replace('/constructor', 2))).toBe('{"constructor":2}')
    expect({}).not.toHaveProperty('polluted')
  })

  it('returns what was changed, an array where items moved', () => {
    const operations = [
      add('/a/0', 1),
      remove('/a/0'),
      replace('/a/0', 1),
      add('/b', 1),
      add('/b', 2),
      add('/a/-', 1),
    ]
    expect(applyPatch({ a: [1] }, operations)).toMatchObject({ changed: ['/a', '/a/0', '/b'] })
    expect(applyPatch([1], [add('', [2]), add('/0', 1)])).toMatchObject({ changed: [''] })
  })
})

describe('any document', () => {
  const json = fc.jsonValue({ maxDepth: 3 })
  const key = fc.constantFrom('a', '0', '-', '__proto__', 'x/y', '~')
  const pointer = fc.array(key, { maxLength: 3 })
  const operation = fc.record({
    op: fc.constantFrom('add', 'replace', 'remove'),
    segments: pointer,
    value: json,
  })

  it('is never changed itself, and a patch fails as a value', () => {
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 5 }), (document, operations) => {
        const before = canonicalText(document)
        applyPatch(
          document,
          operations.map(
            ({ op, segments, value }) => ({ op, path: formatPointer(segments), value }) as PatchOperation,
          ),
        )
        expect(canonicalText(document)).toBe(before)
      }),
    )
  })

  it('holds what was added, and is as before once that is removed', () => {
    const object = fc.dictionary(key, json, { minKeys: 1 })
    fc.assert(
      fc.property(object, json, (document, value) => {
        const added = applyPatch(document, [{ op: 'add', path: '/fresh', value } as PatchOperation])
        if (!added.ok) throw new Error(added.reason)
        expect(canonicalText(valueAt(added.document, ['fresh'])?.value)).toBe(canonicalText(value))
        expect(after(added.document, remove('/fresh'))).toBe(canonicalText(document))
      }),
    )
  })
})
