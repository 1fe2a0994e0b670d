import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { canonicalRecord, canonicalText } from './canonical.ts'
import { observation } from './testing/observation-samples.ts'
import { sha256 } from './testing/sha256.ts'

describe('canonicalText', () => {
  it.each([
    [{ b: 1, a: [true, null] }, '{"a":[true,null],"b":1}'],
    [[1e21, 1e-7, -0, 0.1, 100], '[1e+21,1e-7,0,0.1,100]'],
    ['\u20ac\u000f\n"\\/', '"\u20ac\\u000f\\n\\"\\\\/"'],
    // By UTF-16 code units a surrogate pair comes before U+FB33.
    [{ '\ufb33': 1, '\u{1f600}': 2, '\u0080': 3 }, '{"\u0080":3,"\u{1f600}":2,"\ufb33":1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
  ])('writes %j by RFC 8785', (value, text) => {
    expect(canonicalText(value)).toBe(text)
  })

  it.each([
    [undefined, 'not a JSON value'],
    [() => 1, 'not a JSON value'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['\ud800', 'surrogate'],
  ])('refuses %s, which is not JSON', (value, message) => {
    expect(() => canonicalText(value)).toThrow(message)
  })
})

describe('canonicalRecord', () => {
  const name = fc.oneof(
    // Names that an object does not keep in insertion order, or at all.
    fc.constantFrom(
      'status',
      'updatedAt',
      'correction',
      'a',
      'B',
      '0',
      '10',
      '2',
      '9',
      '-1',
      '__proto__',
      '',
    ),
    fc.string({ unit: 'grapheme' }),
  )
  const inner = fc.dictionary(
    name,
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
  )
  const record = fc.dictionary(
    name,
    fc.oneof(inner, fc.array(inner), fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' })),
  )

  it('writes the record as canonicalText does, and its content without what may change', () => {
    fc.assert(
      fc.property(record, (sample) => {
        const { text, contentText } = canonicalRecord(sample)
        expect(text).toBe(canonicalText(sample))
        const { status: _status, updatedAt: _updatedAt, correction: _correction, ...content } = sample
        expect(contentText).toBe(canonicalText(content))
      }),
    )
  })

  it.each([
    '{"b":1,"a":2,"__proto__":3}',
    '{"b":{"__proto__":1},"a":2}',
    '{"0":1,"-":2}',
    '{"9":1,"-":2}',
    '{"b":[{"9":1,"-":2}],"a":[3]}',
    '{"10":1,"2":2}',
  ])('writes %s as canonicalText does, though an object would order its names otherwise', (json) => {
    const sample = JSON.parse(json) as object
    expect(canonicalRecord(sample).text).toBe(canonicalText(sample))
  })

  it('does not depend on the order of names', () => {
    fc.assert(
      fc.property(record, (sample) => {
        const turned = Object.fromEntries(Object.entries(sample).toReversed())
        expect(canonicalRecord(turned).text).toBe(canonicalRecord(sample).text)
      }),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s wherever it is', (value) => {
    for (const place of [
      { a: value },
      { b: 1, a: value },
      { a: { c: [value] } },
      { 0: 1, a: [{ b: value }] },
    ]) {
      expect(() => canonicalRecord(place)).toThrow('not allowed')
    }
  })

  it('takes an absent and an undefined member as the same', () => {
    expect(canonicalRecord({ ...observation(), updatedAt: undefined }).text).toBe(
      canonicalRecord(observation()).text,
    )
  })

  it('has the hash it always had', () => {
    const { text, contentText } = canonicalRecord(observation({ updatedAt: '2026-02-11T19:00:00Z' }))
    expect([sha256(text), sha256(contentText)]).toMatchInlineSnapshot(`
      [
        "37cd20406068560f2fba3d2ac831f97d8310b85c71280bf62aae876912d7bc5e",
        "72f7e6481798d311f44f673f57ed753b530d339056495e8d66dfe7a3257e819e",
      ]
    `)
  })
})
