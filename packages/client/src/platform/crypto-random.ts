import type { Random } from '@fieldsync/sync-engine'

/**
 * Randomness of the platform's `crypto`, 53 bits a number.
 * @throws Error where the platform has none: give the client a `random` of your own there
 */
export function cryptoRandom(): Random {
  if (typeof globalThis.crypto?.getRandomValues !== 'function') {
    throw new Error('This platform has no crypto.getRandomValues; give createFieldsyncClient a `random`.')
  }
  return {
    next: () => {
      const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
      return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53
    },
  }
}
