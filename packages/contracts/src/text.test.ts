import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'

import { seededRuns } from './testing/index.ts'
import { isStorableText, storableText } from './text.ts'
import { pointerTo } from './validation/pointer.ts'

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

describe('text on platforms of some years ago', () => {
  const prototype: object = String.prototype
  const own = Object.getOwnPropertyDescriptors(String.prototype)
  afterEach(() => {
    for (const name of ['isWellFormed', 'toWellFormed'] as const)
      Object.defineProperty(prototype, name, own[name])
  })

  it('[SHP-3] is checked the same way without String.prototype.isWellFormed', () => {
    const samples = ['', 'plain', 'Oídio 🍇', '\uD83C', 'a\uDF47b', '\uDF47\uD83C', 'with\0nul']
    const before = samples.map(isStorableText)
    expect(before).toEqual([true, true, true, false, false, false, false])
    Reflect.deleteProperty(String.prototype, 'isWellFormed')
    Reflect.deleteProperty(String.prototype, 'toWellFormed')
    expect(samples.map(isStorableText)).toEqual(before)
    expect(pointerTo(['a\uD83C', 1])).toBe('/a\uFFFD/1')
  })

  it('[SHP-3] can be made storable, and then loses nothing but what no screen shows', () => {
    expect(storableText('Oídio 🍇 in \uD83Crow\0 4\uDF47')).toBe('Oídio 🍇 in row 4')
    expect(storableText('\uD83C', '\uFFFD')).toBe('\uFFFD')
  })
})
