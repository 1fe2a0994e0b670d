import * as fake from 'fake-indexeddb'
import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { StoredSigner } from '../../credentials/device-signer.ts'
import { verifiesItself } from '../../testing/verifies-itself.ts'
import { keyName } from '../key-name.ts'
import { openBrowserSigner } from './browser-signer.ts'

const real = globalThis.crypto
const OWNER = { url: 'https://sync.example.com', name: 'dev_scout_1' }

/** Everything that is stored about keys. */
async function storedKeys(): Promise<unknown[]> {
  const database = await openDB('fieldsync-keys')
  const keys: unknown[] = await database.getAll('keys')
  database.close()
  return keys
}

/** What a page has of `crypto` that came without HTTPS. @param created called where a new key is made */
const insecure = (created: () => void = () => undefined) => ({
  getRandomValues: (array: Uint32Array<ArrayBuffer>) => {
    created()
    return real.getRandomValues(array)
  },
})

beforeEach(() => {
  for (const [name, value] of Object.entries(fake)) vi.stubGlobal(name, value)
  vi.stubGlobal('indexedDB', new fake.IDBFactory())
})
afterEach(() => vi.unstubAllGlobals())

describe.each(['platform', 'software'] as const)('[ENG-71] a key of the %s in a browser', (storage) => {
  beforeEach(() => {
    if (storage === 'software') vi.stubGlobal('crypto', insecure())
  })

  it('signs as ES256, and is the same the next time', async () => {
    const signer = await openBrowserSigner(OWNER)
    expect(signer.storage).toBe(storage)
    const again = await openBrowserSigner(OWNER)
    expect(await again.publicKeyJwk()).toEqual(await signer.publicKeyJwk())
    vi.unstubAllGlobals()
    expect([await verifiesItself(signer), await verifiesItself(again)]).toEqual([true, true])
  })

  it('is one, however many tabs create it at once', async () => {
    const signers = await Promise.all(Array.from({ length: 5 }, () => openBrowserSigner(OWNER)))
    const keys = await Promise.all(signers.map(async (signer) => (await signer.publicKeyJwk()).x))
    expect(new Set(keys).size).toBe(1)
    expect(await storedKeys()).toHaveLength(1)
  })

  it('belongs to one owner, and can be removed', async () => {
    const signer = await openBrowserSigner(OWNER)
    const other = await openBrowserSigner({ ...OWNER, name: 'dev_scout_2' })
    expect(await other.publicKeyJwk()).not.toEqual(await signer.publicKeyJwk())
    await signer.deleteKey()
    expect(await storedKeys()).toHaveLength(1)
    const next = await openBrowserSigner(OWNER)
    expect(await next.publicKeyJwk()).not.toEqual(await signer.publicKeyJwk())
  })
})

describe('[ENG-71] a key of the platform', () => {
  it('is stored so that no script can read it', async () => {
    await openBrowserSigner(OWNER)
    expect(await storedKeys()).toMatchObject([{ privateKey: { extractable: false, type: 'private' } }])
  })

  it('is not replaced in a page that cannot use it, as in the frame of one that came without HTTPS', async () => {
    const signer = await openBrowserSigner(OWNER)
    vi.stubGlobal('crypto', insecure())
    await expect(openBrowserSigner(OWNER)).rejects.toThrow(/by HTTPS alone/)
    vi.stubGlobal('crypto', real)
    const again = await openBrowserSigner(OWNER)
    expect(await again.publicKeyJwk()).toEqual(await signer.publicKeyJwk())
  })

  it('is not replaced either where it was created at the same time', async () => {
    const { publicKey, privateKey } = await real.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign', 'verify'],
    )
    const other = async (): Promise<void> => {
      const database = await openDB('fieldsync-keys')
      await database.put('keys', { publicKey, privateKey }, keyName(OWNER))
      database.close()
    }
    let creating: Promise<void> | undefined
    vi.stubGlobal(
      'crypto',
      insecure(() => (creating = other())),
    )
    await expect(openBrowserSigner(OWNER)).rejects.toThrow(/by HTTPS alone/)
    await creating
  })

  it('is not made of a software key that was created at the same time, which is used instead', async () => {
    let software: StoredSigner | undefined
    const generateKey = async (...args: Parameters<SubtleCrypto['generateKey']>) => {
      vi.stubGlobal('crypto', insecure())
      software = await openBrowserSigner(OWNER)
      return real.subtle.generateKey(...args)
    }
    vi.stubGlobal('crypto', { ...insecure(), subtle: { generateKey } })
    const signer = await openBrowserSigner(OWNER)
    expect(signer.storage).toBe('software')
    expect(await signer.publicKeyJwk()).toEqual(await software?.publicKeyJwk())
  })
})
