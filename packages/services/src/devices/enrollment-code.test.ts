import { expect, it } from 'vitest'

import { hashEnrollmentCode, mintEnrollmentCode } from './enrollment-code.ts'

const pepper = Buffer.alloc(32, 1)
const hashOf = (code: string, key = pepper): string => hashEnrollmentCode(key, code).toString('hex')

it('[ENR-1] a code has 128 random bits, in groups of letters and digits that nobody confuses', () => {
  const codes = Array.from({ length: 500 }, mintEnrollmentCode)
  expect(new Set(codes).size).toBe(500)
  for (const code of codes)
    expect(code).toMatch(
      /^[0-7](?:[0-9A-HJKMNP-TV-Z]{4}-)(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{6}$/,
    )
  // Every place takes many values.
  for (let place = 1; place < 30; place++) {
    const letters = new Set(codes.map((code) => code[place]))
    expect(letters.size).toBeGreaterThan(codes[0]?.[place] === '-' ? 0 : 25)
  }
})

it('[ENR-1] a code is the same however it is typed', () => {
  const code = '01ABC-23DEF-45GHJ-67KMN-89PQRS'
  const hash = hashOf(code)
  for (const typed of [
    code.toLowerCase(),
    code.replaceAll('-', ''),
    ` ${code.replaceAll('-', ' ')}\n`,
    'O1ABC-23DEF-45GHJ-67KMN-89PQRS',
    '0lABC-23DEF-45GHJ-67KMN-89PQRS',
    '0iABC-23DEF-45GHJ-67KMN-89PQRS',
  ])
    expect(hashOf(typed)).toBe(hash)
  expect(hashOf('01ABC-23DEF-45GHJ-67KMN-89PQRT')).not.toBe(hash)
  expect(hashOf(code, Buffer.alloc(32, 2))).not.toBe(hash)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
})
