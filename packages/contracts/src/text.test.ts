import { seededRuns } from '@fieldsync/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isStorableText } from './text.ts'

describe('isStorableText', () => {
  it.each(['', 'plain', 'zażółć', '🍇', '\ud83c\udf47', '\u0001', '\ufffd', '\u202e', '\ufeff'])(
    '[SHP-3] %j is',
    (text) => {
      expect(isStorableText(text)).toBe(true)
    },
  )

  it.each(['\0', 'a\0', '\ud83c', '\udf47', '\udf47\ud83c', 'x\ud800y'])('[SHP-3] %j is not', (text) => {
    expect(isStorableText(text)).toBe(false)
  })

  it('[SHP-3] agrees with a UTF-8 round trip for any sequence of code units', () => {
    const anyUnits = fc
      .array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff })))
      .map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(anyUnits, (text) => {
        const survives =
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)) === text
        expect(isStorableText(text)).toBe(survives && !text.includes('\0'))
      }),
      seededRuns(),
    )
  })
})
