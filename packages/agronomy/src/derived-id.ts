import { RecommendationId } from '@fieldsync/contracts'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

// Crockford's base 32, the digits of a ULID.
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 26

/** What a recommendation is computed from, by ids. */
export type DerivedFrom = {
  readonly observationId: string
  readonly playbookId: string
  readonly playbookVersion: number
  readonly weatherFeaturesId: string
}

/**
 * The id of the recommendation that these inputs give, the same on a phone, in a browser and on a server (AGR-17): the day of
 * the observation's id, and SHA-256 of the four in the form of a ULID (IDS-1).
 */
export function derivedRecommendationId(input: DerivedFrom): RecommendationId {
  const { observationId, playbookId, playbookVersion, weatherFeaturesId } = input
  const text = [
    'fieldsync.recommendation.v1',
    observationId,
    playbookId,
    `${playbookVersion}`,
    weatherFeaturesId,
  ].join('\n')
  const day = observationId.slice('obs_'.length, 'obs_'.length + 8)
  return RecommendationId.parse(`rec_${day}_${ulidOf(sha256(utf8ToBytes(text)))}`)
}

/** The first 128 bits as 26 digits; the first digit has three of them. */
function ulidOf(hash: Uint8Array): string {
  let number = 0n
  for (const byte of hash.subarray(0, 16)) number = number * 256n + BigInt(byte)
  let digits = ''
  for (let digit = 0; digit < LENGTH; digit += 1) {
    digits = `${DIGITS.charAt(Number(number % 32n))}${digits}`
    number /= 32n
  }
  return digits
}
