import type { DeviceSigner, StoredSigner } from '../credentials/device-signer.ts'

/** A key of an owner; each that takes another's place is of the next generation, which begin with 0. */
export type StoredKey<K> = {
  readonly generation: number
  readonly key: K
  /** Milliseconds since 1970; undefined where it is not known. */
  readonly createdAt: number | undefined
}

/** Where the keys of one owner are stored. */
export type KeyStorage<K> = {
  /** By generation. @throws Error for a damaged one */
  read(): Promise<readonly StoredKey<K>[]>
  /** Stores a key as this generation, unless there is one; resolves with the one that is stored. */
  create(generation: number, key: K): Promise<StoredKey<K>>
  /** Removes those of earlier generations than this one. */
  removeBefore(generation: number): Promise<void>
}

/** What the keys of a storage are. */
export type KeyKind<K> = {
  newKey(): Promise<K>
  /** @throws Error for a key that cannot be used */
  open(key: K): Promise<DeviceSigner>
}

/**
 * The signer of the oldest key that is stored; the first is created where there is none.
 *
 * No generation has two keys, and a key is removed once the server has accepted a later one: tabs and processes that
 * rotate at once, or that slept meanwhile, need no lock to agree on which key counts.
 */
export async function openStoredSigner<K>(storage: KeyStorage<K>, kind: KeyKind<K>): Promise<StoredSigner> {
  const [oldest] = await storage.read()
  return await signerOf(storage, kind, oldest ?? (await storage.create(0, await kind.newKey())))
}

async function signerOf<K>(
  storage: KeyStorage<K>,
  kind: KeyKind<K>,
  { generation, key, createdAt }: StoredKey<K>,
): Promise<StoredSigner> {
  const opened = await kind.open(key)
  const open = (each: StoredKey<K>): Promise<StoredSigner> => signerOf(storage, kind, each)
  return {
    ...opened,
    createdAt,
    stored: async () => Promise.all((await storage.read()).map(open)),
    successor: async () => {
      const later = (await storage.read()).find((each) => each.generation > generation)
      return await open(later ?? (await storage.create(generation + 1, await kind.newKey())))
    },
    removeEarlier: () => storage.removeBefore(generation),
    deleteKey: () => storage.removeBefore(Number.POSITIVE_INFINITY),
  }
}
