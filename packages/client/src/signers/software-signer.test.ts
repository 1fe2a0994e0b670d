import { describe, expect, it } from 'vitest'

import type { KeyOwner } from '../credentials/device-signer.ts'
import { verifiesItself } from '../testing/verifies-itself.ts'
import { openSoftwareSigner, type SecretStore } from './software-signer.ts'

const OWNER: KeyOwner = { url: 'https://sync.example.com', name: 'dev_scout_1' }

/** A secret store in memory, whose contents a test may look at and damage. */
function memorySecrets() {
  const values = new Map<string, string>()
  const secrets: SecretStore = {
    get: (name) => Promise.resolve(values.get(name) ?? null),
    set: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  }
  return { values, secrets }
}

describe('[ENG-71] a software key', () => {
  it('signs as ES256, and is the same the next time', async () => {
    const { secrets } = memorySecrets()
    const signer = await openSoftwareSigner({ owner: OWNER, secrets })
    expect(signer.storage).toBe('software')
    expect(Object.keys(await signer.publicKeyJwk()).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
    // Half of all signatures have an s in the upper half, a few a coordinate that begins with zeros.
    for (let i = 0; i < 20; i++) expect(await verifiesItself(signer, `payload ${i}`)).toBe(true)
    const again = await openSoftwareSigner({ owner: OWNER, secrets })
    expect(await again.publicKeyJwk()).toEqual(await signer.publicKeyJwk())
  })

  it('belongs to one owner: one device at one server, however its address is written', async () => {
    const { values, secrets } = memorySecrets()
    const keyOf = async (owner: KeyOwner) =>
      (await (await openSoftwareSigner({ owner, secrets })).publicKeyJwk()).x
    const key = await keyOf(OWNER)
    expect(await keyOf({ ...OWNER, url: 'https://sync.example.com/' })).toBe(key)
    const others = [
      { ...OWNER, name: 'dev_scout_2' },
      { ...OWNER, url: 'https://sync.example.com/farm' },
    ]
    const keys = await Promise.all(others.map(keyOf))
    expect(new Set([key, ...keys]).size).toBe(3)
    // What the secret stores of phones allow as names.
    for (const name of values.keys()) expect(name).toMatch(/^[\w.-]+$/)
  })

  it('has the randomness of the platform, or the one that it is given', async () => {
    const fixed = { getRandomValues: (array: Uint32Array<ArrayBuffer>) => array.fill(7) }
    const keyWith = async (random?: typeof fixed) => {
      const signer = await openSoftwareSigner({ owner: OWNER, secrets: memorySecrets().secrets, random })
      return (await signer.publicKeyJwk()).x
    }
    expect(await keyWith(fixed)).toBe(await keyWith(fixed))
    expect(await keyWith()).not.toBe(await keyWith())
  })

  it.each(['', 'text', '0'.repeat(64), 'f'.repeat(64), 'A'.repeat(64)])(
    'that is damaged (%j) is not replaced',
    async (damaged) => {
      const { values, secrets } = memorySecrets()
      await openSoftwareSigner({ owner: OWNER, secrets })
      for (const name of values.keys()) values.set(name, damaged)
      await expect(openSoftwareSigner({ owner: OWNER, secrets })).rejects.toThrow(
        'The stored key is damaged.',
      )
      expect([...values.values()]).toEqual([damaged])
    },
  )

  it('can be removed; the next one is another', async () => {
    const { values, secrets } = memorySecrets()
    const signer = await openSoftwareSigner({ owner: OWNER, secrets })
    await signer.deleteKey()
    expect(values.size).toBe(0)
    const next = await openSoftwareSigner({ owner: OWNER, secrets })
    expect(await next.publicKeyJwk()).not.toEqual(await signer.publicKeyJwk())
  })
})
