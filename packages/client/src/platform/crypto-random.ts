import type { Random } from '@fieldsync/sync-engine'

/** The part of a platform's `crypto` that is used; on a phone `expo-crypto` provides it. */
export type RandomSource = { getRandomValues(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> }

/**
 * Randomness of the platform, 53 bits per number.
 * @throws Error where the platform has none and none is given
 */
export function cryptoRandom(source: RandomSource | undefined = globalThis.crypto): Random {
  if (typeof source?.getRandomValues !== 'function') {
    throw new Error(
      'This platform has no crypto.getRandomValues; give the client a `random`, see cryptoRandom.',
    )
  }
  return {
    next: () => {
      const [high = 0, low = 0] = source.getRandomValues(new Uint32Array(2))
      return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53
    },
  }
}
