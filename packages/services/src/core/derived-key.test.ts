import { describe, expect, it } from 'vitest'

import { derivedKey, identitySecrets, pepperId } from './derived-key.ts'

const present = Buffer.alloc(32, 1)
const previous = Buffer.alloc(32, 2)

// What is stored or signed under a key outlives the build that did it: these texts never change.
describe('[ACC-22] what is derived from a pepper is the same in every build', () => {
  it.each([
    ['nonce', '151c6078adb5a4060fc6886c5f500af1765bfbf7f0f78ea1304163f1d2af26f7'],
    ['signing-key', '35c72eb5afc36c085630f3c8be089035af4efab8f699f926ccf88d1e589ef155'],
    ['id', '15a6b0639979ac4d133aef36e32e5412a49fed3eb02ea5f3361b5f184d2aaea9'],
    ['identity', '58f626d1c3390aa1a3444e8b5c9b26ee913c7779fbf7f351752ebdf52bd94a00'],
  ] as const)('the key of the purpose %s', (purpose, key) => {
    expect(derivedKey(present, purpose).toString('hex')).toBe(key)
    expect(derivedKey(previous, purpose).toString('hex')).not.toBe(key)
  })

  it('the id by which the database knows it: eight bytes', () => {
    expect(pepperId(present).toString('hex')).toBe('15a6b0639979ac4d')
    expect(pepperId(previous)).not.toEqual(pepperId(present))
  })

  it('the secrets of people’s credentials, the present one first, each numbered by its own pepper', () => {
    const [first, second] = identitySecrets([present, previous])
    expect(first).toEqual({
      version: pepperId(present).readUInt32BE(),
      value: derivedKey(present, 'identity').toString('base64url'),
    })
    expect(identitySecrets([previous])).toEqual([second])
  })
})
