import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

import type { DeviceSigner, KeyOwner, StoredSigner } from '../../credentials/device-signer.ts'
import { keyName } from '../key-name.ts'
import { jwkOfPoint, softwareKeys, softwareSigner } from '../software-signer.ts'
import { type KeyKind, type KeyStorage, openStoredSigner, type StoredKey } from '../stored-signer.ts'

const DATABASE = 'fieldsync-keys'
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const HTTPS_ALONE = 'The key of this device can be used in a page that came by HTTPS alone.'
const ES256 = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A pair whose private key the browser does not give away, or a software key as text. */
type BrowserKey = CryptoKeyPair | string
/** As it is in the database; an earlier version has stored the text of a software key by itself, and no times. */
type KeyRecord = (CryptoKeyPair | { text: string }) & { createdAt?: number }
type KeyDatabase = DBSchema & { keys: { key: string; value: KeyRecord | string } }

/**
 * The signer of an owner whose key is in the browser's IndexedDB; the key is created where there is none. Tabs that create
 * it at the same time end with the same one. In a page that came by HTTPS not even a script of the page can read the key;
 * elsewhere browsers have no such keys, and it is a software key.
 *
 * @throws Error where the browser stores nothing, or the key is damaged or usable by HTTPS alone
 */
export const openBrowserSigner = (owner: KeyOwner): Promise<StoredSigner> =>
  openStoredSigner(browserKeys(keyName(owner)), KIND)

/** There only in a secure context. */
const subtle = (): SubtleCrypto | undefined => globalThis.crypto.subtle

const KIND: KeyKind<BrowserKey> = {
  newKey: () => subtle()?.generateKey(CURVE, false, ['sign', 'verify']) ?? softwareKeys().newKey(),
  open: async (key) => (typeof key === 'string' ? softwareSigner(key) : await platformSigner(key)),
}

async function platformSigner({ publicKey, privateKey }: CryptoKeyPair): Promise<DeviceSigner> {
  const crypto = subtle()
  if (crypto === undefined) throw new Error(HTTPS_ALONE)
  const jwk = jwkOfPoint(new Uint8Array(await crypto.exportKey('raw', publicKey)))
  return {
    storage: 'platform',
    publicKeyJwk: () => Promise.resolve(jwk),
    sign: async (data) => new Uint8Array(await crypto.sign(ES256, privateKey, new Uint8Array(data))),
  }
}

/** The first generation is stored under the owner's name, each other one with its number behind that. */
function browserKeys(name: string): KeyStorage<BrowserKey> {
  const all = IDBKeyRange.bound(name, `${name}.\uFFFF`)
  const nameOf = (generation: number): string => (generation === 0 ? name : `${name}.${generation}`)
  const generationOf = (each: string): number => Number(each.slice(name.length + 1))
  const read = (): Promise<readonly StoredKey<BrowserKey>[]> =>
    inDatabase(async (database) => {
      const { store } = database.transaction('keys')
      const [names, records] = await Promise.all([store.getAllKeys(all), store.getAll(all)])
      const keys = records.map((record, at) => storedKey(generationOf(names[at] ?? name), record))
      return keys.toSorted((a, b) => a.generation - b.generation)
    })
  return {
    read,
    create: (generation, key) =>
      inDatabase(async (database) => {
        // A server may know the key from now on.
        const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' })
        const record: KeyRecord = {
          ...(typeof key === 'string'
            ? { text: key }
            : { publicKey: key.publicKey, privateKey: key.privateKey }),
          createdAt: Date.now(),
        }
        const first = await transaction.store.get(nameOf(generation))
        if (first === undefined) await transaction.store.put(record, nameOf(generation))
        await transaction.done
        return storedKey(generation, first ?? record)
      }),
    removeBefore: (generation) =>
      inDatabase(async (database) => {
        const transaction = database.transaction('keys', 'readwrite')
        const names = await transaction.store.getAllKeys(all)
        const earlier = names.filter((each) => generationOf(each) < generation)
        await Promise.all(earlier.map((each) => transaction.store.delete(each)))
        await transaction.done
      }),
  }
}

function storedKey(generation: number, record: KeyRecord | string): StoredKey<BrowserKey> {
  if (typeof record === 'string') return { generation, key: record, createdAt: undefined }
  return { generation, key: 'text' in record ? record.text : record, createdAt: record.createdAt }
}

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
