import type { EcPublicJwk } from '@fieldsync/contracts'
import { p256 } from '@noble/curves/nist.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'

import type { DeviceSigner, KeyOwner, StoredSigner } from '../credentials/device-signer.ts'
import { base64url } from '../platform/base64url.ts'
import type { RandomSource } from '../platform/crypto-random.ts'
import { systemClock } from '../platform/system-clock.ts'
import { keyName } from './key-name.ts'
import { type KeyKind, type KeyStorage, openStoredSigner, type StoredKey } from './stored-signer.ts'

/** A store for secrets, such as a phone's. It belongs to one program, which runs once at a time. */
export type SecretStore = {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/**
 * The signer of an owner whose key is in a secret store; the key is created where there is none.
 *
 * @param options.random default: the platform's; only for a new key
 * @throws Error for a stored key that is damaged, or a platform without randomness; what the store throws
 */
export function openSoftwareSigner(options: {
  readonly owner: KeyOwner
  readonly secrets: SecretStore
  readonly random?: RandomSource | undefined
}): Promise<StoredSigner> {
  const { owner, secrets, random } = options
  return openStoredSigner(secretKeys(secrets, keyName(owner)), softwareKeys(random))
}

/** Private keys as text. */
export const softwareKeys = (random?: RandomSource): KeyKind<string> => ({
  newKey: () => Promise.resolve(bytesToHex(newKey(random))),
  open: (text) => Promise.resolve(softwareSigner(text)),
})

/** @throws Error for a text that is no private key */
export function softwareSigner(text: string): DeviceSigner {
  const key = keyOf(text)
  const jwk = jwkOfPoint(p256.getPublicKey(key, false))
  return {
    storage: 'software',
    publicKeyJwk: () => Promise.resolve(jwk),
    sign: (data) => Promise.resolve(p256.sign(data, key)),
  }
}

/** An owner's keys are one secret, so that each change is all or nothing. */
function secretKeys(secrets: SecretStore, name: string): KeyStorage<string> {
  const read = async (): Promise<readonly StoredKey<string>[]> => {
    const text = await secrets.get(name)
    return text === null ? [] : text.split('\n').map(keyOfLine)
  }
  return {
    read,
    create: (generation, key) =>
      oneAtATime(name, async () => {
        const keys = await read()
        const first = keys.find((each) => each.generation === generation)
        if (first) return first
        const stored = { generation, key, createdAt: systemClock.now() }
        const all = [...keys, stored].toSorted((a, b) => a.generation - b.generation)
        await secrets.set(name, all.map(lineOf).join('\n'))
        return stored
      }),
    removeBefore: (generation) =>
      oneAtATime(name, async () => {
        if (generation === Number.POSITIVE_INFINITY) return await secrets.delete(name)
        const keys = await read()
        const left = keys.filter((each) => each.generation >= generation)
        if (left.length < keys.length) await secrets.set(name, left.map(lineOf).join('\n'))
      }),
  }
}

// An earlier version has stored the first key alone, by itself.
const LINE = /^(?:(\d+) (\d+) )?(\S+)$/

function keyOfLine(line: string): StoredKey<string> {
  const [, generation = '0', createdAt, key] = LINE.exec(line) ?? []
  if (key === undefined) throw damaged()
  return {
    generation: Number(generation),
    key,
    createdAt: createdAt === undefined ? undefined : Number(createdAt),
  }
}

const lineOf = ({ generation, key, createdAt = 0 }: StoredKey<string>): string =>
  `${generation} ${createdAt} ${key}`

const changes = new Map<string, Promise<unknown>>()

/** A secret store has no transactions. */
async function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  const change = (changes.get(name) ?? Promise.resolve()).then(work, work)
  changes.set(name, change)
  return await change
}

function newKey(random: RandomSource | undefined = globalThis.crypto): Uint8Array {
  if (typeof random?.getRandomValues !== 'function')
    throw new Error('This platform has no crypto.getRandomValues; give the signer a `random`.')
  // 48 bytes: reduced to the order of the curve, no key is likelier than another (FIPS 186-5, A.2.1).
  const seed = random.getRandomValues(new Uint32Array(12))
  return p256.utils.randomSecretKey(new Uint8Array(seed.buffer))
}

const damaged = (): Error => new Error('The stored key is damaged.')

// Another key in its place would be unknown to the server: a person has to decide that.
function keyOf(text: string): Uint8Array {
  const isKey = /^[0-9a-f]{64}$/.test(text) && p256.utils.isValidSecretKey(hexToBytes(text))
  if (!isKey) throw damaged()
  return hexToBytes(text)
}

/** @param point uncompressed: a byte that says so, then both coordinates (SEC 1, 2.3.3) */
export const jwkOfPoint = (point: Uint8Array): EcPublicJwk => ({
  kty: 'EC',
  crv: 'P-256',
  x: base64url(point.subarray(1, 33)),
  y: base64url(point.subarray(33)),
})
