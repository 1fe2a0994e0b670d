import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

import type { KeyOwner, StoredSigner } from '../../credentials/device-signer.ts'
import { keyName } from '../key-name.ts'
import { jwkOfPoint, signerIn } from '../software-signer.ts'

const DATABASE = 'fieldsync-keys'
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const HTTPS_ALONE = 'The key of this device can be used in a page that came by HTTPS alone.'
const ES256 = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A pair whose private key the browser does not give away, or a software key as text. */
type StoredKey = CryptoKeyPair | string
type KeyDatabase = DBSchema & { keys: { key: string; value: StoredKey } }

/**
 * The signer of an owner whose key is in the browser's IndexedDB; the key is created where there is none. Tabs that create
 * it at the same time end with the same one. In a page that came by HTTPS not even a script of the page can read the key;
 * elsewhere browsers have no such keys, and it is a software key.
 *
 * @throws Error where the browser stores nothing, or the key is damaged or usable by HTTPS alone
 */
export async function openBrowserSigner(owner: KeyOwner): Promise<StoredSigner> {
  const name = keyName(owner)
  // There only in a secure context.
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle
  const stored = await read(name)
  if (typeof stored === 'string' || subtle === undefined) return softwareSigner(name)
  const pair = stored ?? (await create(name, await subtle.generateKey(CURVE, false, ['sign', 'verify'])))
  return typeof pair === 'string' ? softwareSigner(name) : platformSigner(subtle, name, pair)
}

async function platformSigner(
  subtle: SubtleCrypto,
  name: string,
  { publicKey, privateKey }: CryptoKeyPair,
): Promise<StoredSigner> {
  const jwk = jwkOfPoint(new Uint8Array(await subtle.exportKey('raw', publicKey)))
  return {
    storage: 'platform',
    publicKeyJwk: () => Promise.resolve(jwk),
    sign: async (data) => new Uint8Array(await subtle.sign(ES256, privateKey, new Uint8Array(data))),
    deleteKey: () => remove(name),
  }
}

const softwareSigner = (name: string): Promise<StoredSigner> =>
  signerIn({
    // Creating one resolves with the one that is there.
    read: () => Promise.resolve(null),
    create: async (key) => softwareKey(await create(name, key)),
    remove: () => remove(name),
  })

function softwareKey(key: StoredKey): string {
  if (typeof key !== 'string') throw new Error(HTTPS_ALONE)
  return key
}

const read = (name: string): Promise<StoredKey | undefined> =>
  inDatabase((database) => database.get('keys', name))

/** Stores a key unless there is one, in one transaction over all tabs. @returns the one that is stored */
const create = (name: string, key: StoredKey): Promise<StoredKey> =>
  inDatabase(async (database) => {
    const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' })
    const first = await transaction.store.get(name)
    if (first === undefined) await transaction.store.put(key, name)
    await transaction.done
    return first ?? key
  })

const remove = (name: string): Promise<void> => inDatabase((database) => database.delete('keys', name))

async function inDatabase<T>(work: (database: IDBPDatabase<KeyDatabase>) => Promise<T>): Promise<T> {
  const database = await openDB<KeyDatabase>(DATABASE, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('keys'),
  })
  try {
    return await work(database)
  } finally {
    database.close()
  }
}
