import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { canonicalText } from '../canonical.ts'
import { formatPointer, isJsonObject, valueAt } from '../json-patch/pointer.ts'
import { PLAYBOOK } from '../testing/playbook-samples.ts'
import { changesOutside, editablePaths, type IsEditable } from './editable-paths.ts'

/** Editable at and below each of these paths. */
const at =
  (...editable: (readonly string[])[]): IsEditable =>
  (path) =>
    editable.some((segments) => segments.every((segment, i) => path[i] === segment))

it('[PCH-10] an editable path that is no pointer opens nothing', () => {
  const rules = structuredClone(PLAYBOOK.rules)
  for (const rule of Object.values(rules)) rule.editablePaths = ['rules/rule_a', '/~']
  expect(editablePaths({ rules })(['rules', 'rule_a', 'action'])).toBe(false)
})

describe('the changes outside editable paths', () => {
  const item = { condition: 'high' }
  const three = { list: [item, { ...item }, { ...item }] }
  const two = { list: [item, { ...item }] }

  it('[PCH-7] name an item that equal ones moved to, or away from, the end of an array', () => {
    expect(changesOutside(at(['list', '0']), two, three)).toEqual([['list', '2']])
    expect(changesOutside(at(['list', '0'], ['list', '-']), two, three)).toEqual([])
    expect(changesOutside(at(['list', '0'], ['list', '-']), three, two)).toEqual([['list', '2']])
    expect(changesOutside(at(['list', '2']), three, two)).toEqual([])
  })

  it('[PCH-7] name a member with a name of the language that was added or removed', () => {
    for (const name of ['__proto__', 'constructor']) {
      const named = JSON.parse(`{"${name}": {}}`) as object
      expect(changesOutside(at(), {}, named)).toEqual([[name]])
      expect(changesOutside(at(), named, {})).toEqual([[name]])
      expect(changesOutside(at([name]), {}, named)).toEqual([])
    }
  })

  it('[PCH-7] are none exactly if the documents are equal but for the editable places', () => {
    const key = fc.constantFrom('a', 'b', '__proto__')
    const { document } = fc.letrec<{ document: unknown }>((tie) => ({
      document: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.constantFrom(1, 2, null),
        fc.array(tie('document'), { maxLength: 3 }),
        fc.dictionary(key, tie('document'), { maxKeys: 3 }),
      ),
    }))
    const path = fc.array(fc.constantFrom('a', 'b', '__proto__', '0', '1', '2', '-'), {
      minLength: 1,
      maxLength: 3,
    })
    const paths = fc.array(path, { maxLength: 4 })
    let none = 0
    fc.assert(
      fc.property(document, document, paths, (before, after, editable) => {
        const isEditable = at(...editable)
        const changes = changesOutside(isEditable, before, after)
        const same =
          canonicalText(rest(before, isEditable)) === canonicalText(rest(after, isEditable, before))
        expect(changes.length === 0).toBe(same)
        if (same) none++
        for (const change of changes) {
          expect(isEditable(change)).toBe(false)
          const [was, is] = [valueAt(before, change), valueAt(after, change)]
          expect(canonicalText(was ?? {}), formatPointer(change)).not.toBe(canonicalText(is ?? {}))
        }
      }),
      { seed: 20261130, numRuns: 1000 },
    )
    expect(none).toBeGreaterThan(50)
  })
})

/** A document without its editable places, and without the items that may be appended to the arrays of `before`. */
function rest(value: unknown, isEditable: IsEditable, before: unknown = value, path: string[] = []): unknown {
  const isList = Array.isArray(value)
  if (!isList && !isJsonObject(value)) return value
  const inner = Array.isArray(before) ? before.length : 0
  const left = Object.entries(value).filter(
    ([key], i) => !isEditable([...path, key]) && !(isList && i >= inner && isEditable([...path, '-'])),
  )
  return {
    isList,
    left: left
      .map(([key, each]) => {
        const there = valueAt(before, [key])
        return [key, rest(each, isEditable, there ? there.value : each, [...path, key])]
      })
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  }
}
