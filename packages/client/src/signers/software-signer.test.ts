import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { EcPublicJwk } from '@fieldsync/contracts'
import { memorySecrets } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import type { DeviceSigner, KeyOwner } from '../credentials/device-signer.ts'
import { verifiesItself } from '../testing/verifies-itself.ts'
import { openSoftwareSigner } from './software-signer.ts'

const OWNER: KeyOwner = { url: 'https://sync.example.com', name: 'dev_scout_1' }

describe('[ENG-71] a software key', () => {
  it('signs as ES256, and is the same the next time', async () => {
    const secrets = memorySecrets()
    const signer = await openSoftwareSigner({ owner: OWNER, secrets })
    expect(signer.storage).toBe('software')
    expect(Object.keys(await signer.publicKeyJwk()).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
    // A few have an r or an s that begins with zeros.
    for (let i = 0; i < 20; i++) expect(await verifiesItself(signer, `payload ${i}`)).toBe(true)
    const again = await openSoftwareSigner({ owner: OWNER, secrets })
    expect(await again.publicKeyJwk()).toEqual(await signer.publicKeyJwk())
  })

  it('belongs to one owner: one device at one server, however its address is written', async () => {
    const secrets = memorySecrets()
    const { values } = secrets
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
    for (const name of values.keys()) expect(name).toMatch(/^fieldsync-key-[0-9a-f]{32}$/)
  })

  it('has the randomness of the platform, or the one that it is given', async () => {
    const fixed = { getRandomValues: (array: Uint32Array<ArrayBuffer>) => array.fill(7) }
    const keyWith = async (random?: typeof fixed) => {
      const signer = await openSoftwareSigner({ owner: OWNER, secrets: memorySecrets(), random })
      return (await signer.publicKeyJwk()).x
    }
    expect(await keyWith(fixed)).toBe(await keyWith(fixed))
    expect(await keyWith()).not.toBe(await keyWith())
  })

  it('cannot be created where there is no randomness', async () => {
    vi.stubGlobal('crypto', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const opened = openSoftwareSigner({ owner: OWNER, secrets: memorySecrets() })
    await expect(opened).rejects.toThrow(/^This platform has no crypto.getRandomValues/)
  })

  it('works where there is no `crypto` at all, as on a phone, with randomness of its own', async () => {
    const phone = async (data: Uint8Array): Promise<{ jwk: EcPublicJwk; signature: number[] }> => {
      const script = `
        Object.defineProperty(globalThis, 'crypto', { value: undefined })
        const { openSoftwareSigner } = await import(${JSON.stringify(new URL('software-signer.ts', import.meta.url))})
        const secrets = { get: async () => null, set: async () => {}, delete: async () => {} }
        const random = { getRandomValues: (array) => array.fill(7) }
        const signer = await openSoftwareSigner({ owner: ${JSON.stringify(OWNER)}, secrets, random })
        const signature = [...(await signer.sign(new Uint8Array(${JSON.stringify([...data])})))]
        console.log(JSON.stringify({ jwk: await signer.publicKeyJwk(), signature }))`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
      return JSON.parse(stdout) as Awaited<ReturnType<typeof phone>>
    }
    const signer: DeviceSigner = {
      storage: 'software',
      publicKeyJwk: async () => (await phone(new Uint8Array())).jwk,
      sign: async (data) => new Uint8Array((await phone(data)).signature),
    }
    expect(await verifiesItself(signer)).toBe(true)
  })

  it.each([
    '',
    'text',
    `x${'1'.repeat(64)}`,
    `${'1'.repeat(64)}x`,
    '0'.repeat(64),
    'f'.repeat(64),
    'A'.repeat(64),
  ])('that is damaged (%j) is not replaced', async (damaged) => {
    const secrets = memorySecrets()
    const { values } = secrets
    await openSoftwareSigner({ owner: OWNER, secrets })
    for (const name of values.keys()) values.set(name, damaged)
    await expect(openSoftwareSigner({ owner: OWNER, secrets })).rejects.toThrow('The stored key is damaged.')
    expect([...values.values()]).toEqual([damaged])
  })

  it('can be removed; the next one is another', async () => {
    const secrets = memorySecrets()
    const { values } = secrets
    const signer = await openSoftwareSigner({ owner: OWNER, secrets })
    await signer.deleteKey()
    expect(values.size).toBe(0)
    const next = await openSoftwareSigner({ owner: OWNER, secrets })
    expect(await next.publicKeyJwk()).not.toEqual(await signer.publicKeyJwk())
  })
})
