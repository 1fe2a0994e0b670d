import * as fake from 'fake-indexeddb'
import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { verifiesItself } from '../../testing/verifies-itself.ts'
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

describe.each(['platform', 'software'] as const)('[ENG-71] a key of the %s in a browser', (storage) => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(fake)) vi.stubGlobal(name, value)
    vi.stubGlobal('indexedDB', new fake.IDBFactory())
    // What a page has of `crypto` that came without HTTPS.
    const insecure = { getRandomValues: (array: Uint32Array<ArrayBuffer>) => real.getRandomValues(array) }
    if (storage === 'software') vi.stubGlobal('crypto', insecure)
  })
  afterEach(() => vi.unstubAllGlobals())

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
