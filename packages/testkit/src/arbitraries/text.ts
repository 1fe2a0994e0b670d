import { isStorableText } from '@fieldsync/contracts'
import fc from 'fast-check'

/** Longest text drawn at random; beyond it only the exact bound is tried. */
const USUAL_LENGTH = 40

type Bounds = { readonly min: number; readonly max: number }

/** Storable text of `min` to `max` code points, now and then of exactly the most or the least. */
export function textArbitrary({ min, max }: Bounds): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.string({ minLength: 1, maxLength: 1 }), anyCharacter)
  const usual = fc.string({ unit, minLength: min, maxLength: Math.min(max, USUAL_LENGTH) })
  if (!Number.isFinite(max)) return usual
  return fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom('x'.repeat(min), '🍇'.repeat(max)) })
}

/** Storable text that a pattern and a length allow. */
export const matchingArbitrary = (pattern: RegExp, { min, max }: Bounds): fc.Arbitrary<string> =>
  fc
    .stringMatching(pattern, { maxLength: Math.min(max, 1000) })
    .filter((text) => isStorableText(text) && [...text].length >= min && [...text].length <= max)

const anyCharacter = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter(isStorableText)
