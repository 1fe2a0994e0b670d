import { isStorableText } from '@fieldsync/contracts'
import fc from 'fast-check'

/** Longest text drawn at random; beyond it only the exact bound is tried. */
const USUAL_LENGTH = 40

const SURROGATES = { first: 0xd800, count: 0x800 }
const LAST_CODE_POINT = 0x10ffff

type Bounds = { readonly min: number; readonly max: number }

/** Storable text of `min` to `max` code points, now and then of exactly the most or the least. */
export function textArbitrary({ min, max }: Bounds): fc.Arbitrary<string> {
  const unit = fc.oneof(plainCharacter, anyCharacter)
  const usual = fc.string({ unit, minLength: min, maxLength: Math.min(max, USUAL_LENGTH) })
  if (!Number.isFinite(max)) return usual
  const bounds = fc.constantFrom('x'.repeat(min), '🍇'.repeat(max))
  return fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: bounds })
}

/** Storable text that a pattern and a length allow. */
export const matchingArbitrary = (pattern: RegExp, { min, max }: Bounds): fc.Arbitrary<string> =>
  fc
    .stringMatching(pattern, { maxLength: Math.min(max, 1000) })
    .filter((text) => isStorableText(text) && [...text].length >= min && [...text].length <= max)

const plainCharacter = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code))

/** Every code point but NUL and the surrogates. */
const anyCharacter = fc
  .integer({ min: 1, max: LAST_CODE_POINT - SURROGATES.count })
  .map((code) => String.fromCodePoint(code < SURROGATES.first ? code : code + SURROGATES.count))
