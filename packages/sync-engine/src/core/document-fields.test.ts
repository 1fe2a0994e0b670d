import { describe, expect, it } from 'vitest'

import { fieldsMissing, withFields, withoutFields } from './document-fields.ts'

describe('the fields that one document has and another lacks', () => {
  it.each([
    ['at the top', { a: 1, b: 2 }, { a: 9 }, { '/b': 2 }],
    ['inside an object', { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 1 } } }, { '/a/b/d': 2 }],
    ['an object that is missing whole', { a: { b: 1 } }, {}, { '/a': { b: 1 } }],
    ['a name that a pointer escapes', { 'a/b~c': 1 }, {}, { '/a~1b~0c': 1 }],
    ['a name that every object inherits', { constructor: 1 }, {}, { '/constructor': 1 }],
    ['one that is undefined in the other', { a: null }, { a: undefined }, { '/a': null }],
    ['none that is undefined itself', { a: undefined }, {}, {}],
    ['none inside an array', { a: [1, 2] }, { a: [1] }, {}],
    ['none inside an array in place of an object', { a: { b: 1 } }, { a: [] }, {}],
    ['none where the other has null', { a: { b: 1 } }, { a: null }, {}],
    ['none inside a text', { a: 'text' }, { a: 't' }, {}],
    ['none inside a text in place of an object', { a: { b: 1 } }, { a: 't' }, {}],
  ])('[ENG-33, ENG-34] %s', (_, whole, part, missing) => {
    expect(fieldsMissing(whole, part)).toStrictEqual(missing)
  })
})

describe('a document without fields', () => {
  it('[ENG-32] lacks them at any depth, and keeps all else', () => {
    const document = { a: { b: { c: 1, d: 2 }, e: 3 }, f: 4, g: 5 }
    expect(withoutFields(document, ['/a/b/c', '/f'])).toStrictEqual({ a: { b: { d: 2 }, e: 3 }, g: 5 })
    expect(document).toStrictEqual({ a: { b: { c: 1, d: 2 }, e: 3 }, f: 4, g: 5 })
  })

  it.each([
    ['the field', '/x'],
    ['a value for the field', '/nothing'],
    ['the object that it lies in', '/x/y'],
    ['a name in that object', '/object/x'],
    ['an object there, but a list', '/list/0'],
    ['an object there, but a text', '/text/length'],
    ['an object there, but null', '/null/x'],
    ['a name of its own that every object inherits', '/constructor/name'],
    ['any name', ''],
  ])('[ENG-32] is the same one where it has not %s', (_, pointer) => {
    const document = {
      object: { a: 1 },
      list: [1],
      text: 'text',
      null: null,
      nothing: undefined,
      undefined: 1,
    }
    expect(withoutFields(document, [pointer])).toBe(document)
  })
})

describe('a document with fields', () => {
  it('[ENG-33, ENG-34] gets them where it has none of its own, and keeps all else', () => {
    const document = { a: { b: { c: 1 } }, f: null }
    const fields = { '/a/b/d': 2, '/a/b/c': 9, '/g': [5], '/f': 9, '/constructor': 6 }
    const filled = { a: { b: { c: 1, d: 2 } }, f: null, g: [5], constructor: 6 }
    expect(withFields(document, fields)).toStrictEqual(filled)
    expect(document).toStrictEqual({ a: { b: { c: 1 } }, f: null })
    expect(withFields({ a: undefined }, { '/a': 1 })).toStrictEqual({ a: 1 })
  })

  it.each([
    ['a value for each', { '/object/a': 2, '/null': 3 }],
    ['not the object that one lies in', { '/x/y': 1, '/constructor/x': 1 }],
    ['a list in place of that object', { '/list/1': 2 }],
    ['a text in place of that object', { '/text/x': 2 }],
    ['null in place of that object', { '/null/x': 2 }],
    ['no name for one', { '': 1, 'no pointer': 2 }],
  ])('[ENG-33] is the same one where it has %s', (_, fields) => {
    const document = { object: { a: 1 }, list: [1], text: 'text', null: null }
    expect(withFields(document, fields)).toBe(document)
  })
})
