import { describe, expect, it, vi } from 'vitest'

import type { StoredSigner } from '../credentials/device-signer.ts'
import { NetworkError } from '../errors/network-error.ts'
import { softwareKeys } from '../signers/software-signer.ts'
import { type KeyStorage, openStoredSigner, type StoredKey } from '../signers/stored-signer.ts'
import { keyDevice, newSigner } from '../testing/key-device.ts'
import { CLIENT_ID, ROTATE_PATH } from '../testing/key-server.ts'
import { deviceKey } from './device-key.ts'
import { fingerprintOf } from './device-keys.ts'

const DAY = 86_400_000
const TOKEN = '/oauth/token'
const HEALTH = '/trpc/health'
const TOKEN_MS = 600_000
/** When the server's clock begins. */
const START = Date.UTC(2026, 1, 12, 8)

/** Keys in memory; each program opens its own signer. */
function keysInMemory(createdAt: number | undefined) {
  let keys: readonly StoredKey<string>[] = []
  const storage: KeyStorage<string> = {
    read: () => Promise.resolve(keys),
    create: (generation, key) => {
      const stored = { generation, key, createdAt: generation === 0 ? createdAt : START }
      keys = [...keys, stored]
      return Promise.resolve(stored)
    },
    removeBefore: (generation) => {
      keys = keys.filter((each) => each.generation >= generation)
      return Promise.resolve()
    },
  }
  return {
    open: (): Promise<StoredSigner> => openStoredSigner(storage, softwareKeys()),
    generations: () => keys.map(({ generation }) => generation),
  }
}

/** A device whose key is stored, with what it was called back with. */
async function storedKeyDevice(
  options: { readonly createdAt?: number | undefined; readonly rotateAfterDays?: number } = {},
) {
  const { createdAt, ...others } = { createdAt: START, rotateAfterDays: 0, ...options }
  const keys = keysInMemory(createdAt)
  const signer = await keys.open()
  const accepted: string[] = []
  const onAccepted = (fingerprint: string): void => void accepted.push(fingerprint)
  const device = await keyDevice({ signer, onAccepted, ...others })
  const paths = (): string[] => device.server.requests.map(({ path }) => path)
  return { ...device, keys, accepted, paths, first: await fingerprintOf(signer) }
}

describe('[ENG-76] replacing a key', () => {
  it('is proven by both keys, and leaves the new one alone, with a token of its own', async () => {
    const { call, credentials, server, keys, accepted, paths, first } = await storedKeyDevice()
    await call()
    await credentials.rotate()
    const second = await fingerprintOf(await keys.open())
    expect(second).not.toBe(first)
    expect(server.knownKey).toBe(second)
    expect(keys.generations()).toEqual([1])
    expect(accepted).toEqual([first, second])
    expect(server.refusals).toEqual(['nonce'])
    expect(paths()).toEqual([TOKEN, TOKEN, HEALTH, ROTATE_PATH, TOKEN])
    await call()
    expect(paths().slice(5)).toEqual([HEALTH])
  })

  it('happens once for all that request it at the same time, and once more for the next', async () => {
    const { credentials, server, keys } = await storedKeyDevice()
    await Promise.all([credentials.rotate(), credentials.rotate()])
    expect(server.count(ROTATE_PATH)).toBe(1)
    await credentials.rotate()
    expect(server.count(ROTATE_PATH)).toBe(2)
    expect(keys.generations()).toEqual([2])
  })

  it('is refused by the device where the key is not stored', async () => {
    const { credentials, server } = await keyDevice()
    await expect(credentials.rotate()).rejects.toThrow(
      'The key of this device is not stored where another can take its place.',
    )
    expect(server.count(ROTATE_PATH)).toBe(0)
    await expect(credentials.wipe?.forget()).resolves.toBeUndefined()
  })

  it('is finished by the next attempt where its answer was lost', async () => {
    const { credentials, server, keys, call, accepted, first } = await storedKeyDevice()
    await call()
    server.before = ({ path }) => (path === ROTATE_PATH ? 'lost' : undefined)
    await expect(credentials.rotate()).rejects.toThrow(NetworkError)
    expect(keys.generations()).toEqual([0, 1])
    expect(accepted).toEqual([first])
    const attempts = server.count(ROTATE_PATH)
    server.before = () => undefined
    await credentials.rotate()
    expect(server.count(ROTATE_PATH)).toBe(attempts)
    expect(keys.generations()).toEqual([1])
    expect(accepted).toEqual([first, server.knownKey])
  })

  it('is begun once more where an attempt had no effect', async () => {
    const { credentials, server, keys, call } = await storedKeyDevice()
    await call()
    const unavailable = { status: 503, body: '' }
    server.before = ({ path }) => (path === ROTATE_PATH ? unavailable : undefined)
    await expect(credentials.rotate()).rejects.toThrow(/503/)
    server.before = () => undefined
    await credentials.rotate()
    expect(keys.generations()).toEqual([1])
    expect(server.knownKey).toBe(await fingerprintOf(await keys.open()))
  })

  it('is no success where a server that is not Fieldsync answers', async () => {
    const { credentials, server, keys } = await storedKeyDevice()
    server.before = ({ path }) => (path === ROTATE_PATH ? { status: 200, body: {} } : undefined)
    await expect(credentials.rotate()).rejects.toMatchObject({
      kind: 'not_ours',
      message: 'A server that is not Fieldsync answered 200.',
      status: 200,
    })
    expect(keys.generations()).toEqual([0, 1])
  })

  it('is followed by a program that still has the earlier key, which then goes on with the new one alone', async () => {
    const { server, keys, clock, advance, call } = await storedKeyDevice()
    await call()
    const old = await keys.open()
    const other = deviceKey({ url: server.url, clock, clientId: CLIENT_ID, signer: old, rotateAfterDays: 0 })
    const send = async () =>
      await other.headers({ method: 'GET', url: `${server.url}/v1/session`, body: undefined })
    await send()
    const successor = await old.successor()
    await server.enroll({ ...(await successor.publicKeyJwk()) })
    advance(TOKEN_MS)
    const before = server.requests.length
    await send()
    expect(server.refusals.at(-1)).toBe('invalid')
    expect(keys.generations()).toEqual([1])
    const tried = server.requests.length - before
    advance(TOKEN_MS)
    await send()
    // One request fewer: the key that was refused is not tried again.
    expect(server.requests.length - before).toBe(2 * tried - 1)
  })

  it('calls back once for a key, however many tokens it gets', async () => {
    const { call, advance, accepted, first, server } = await storedKeyDevice()
    for (let i = 0; i < 3; i++) {
      await call()
      advance(TOKEN_MS)
    }
    expect(server.count(TOKEN)).toBeGreaterThan(3)
    expect(accepted).toEqual([first])
  })
})

describe('[ENG-77] a key is replaced by itself', () => {
  it.each([
    ['90 days old, by default', { createdAt: START - 90 * DAY, rotateAfterDays: undefined }, 1],
    ['younger by a moment', { createdAt: START - 90 * DAY + 1, rotateAfterDays: undefined }, 0],
    ['as old as was chosen', { createdAt: START - 2 * DAY, rotateAfterDays: 2 }, 1],
    ['of a clock that was 90 days ahead', { createdAt: START + 90 * DAY, rotateAfterDays: undefined }, 1],
    ['of an unknown age', { createdAt: undefined, rotateAfterDays: undefined }, 1],
    ['old, and that was turned off', { createdAt: START - 900 * DAY, rotateAfterDays: 0 }, 0],
  ])('%s', async (_name, { rotateAfterDays, ...options }, rotations) => {
    const { call, server, keys } = await storedKeyDevice({
      ...options,
      rotateAfterDays: rotateAfterDays as number,
    })
    await call()
    await vi.waitFor(() => expect(keys.generations()).toEqual([rotations]))
    // What had begun with the first call has reached the server before the answer of the second.
    await call()
    expect(server.count(ROTATE_PATH)).toBe(rotations)
  })

  it('in the background, once with each token, while calls go on with the present key', async () => {
    const { call, server, keys, advance } = await storedKeyDevice({
      createdAt: START - 91 * DAY,
      rotateAfterDays: 90,
    })
    server.before = ({ path }) => (path === ROTATE_PATH ? { status: 404, body: 'not here' } : undefined)
    for (let i = 0; i < 3; i++) expect(await call()).toBe('done')
    await vi.waitFor(() => expect(server.count(ROTATE_PATH)).toBe(1))
    expect(await call()).toBe('done')
    expect(server.count(ROTATE_PATH)).toBe(1)
    server.before = () => undefined
    advance(TOKEN_MS)
    expect(await call()).toBe('done')
    await vi.waitFor(() => expect(keys.generations()).toEqual([1]))
    expect(server.count(ROTATE_PATH)).toBe(2)
  })

  it('not at all where it is not stored', async () => {
    const { call, server } = await keyDevice({ signer: await newSigner(), rotateAfterDays: 1 })
    for (let i = 0; i < 2; i++) await call()
    expect(server.count(ROTATE_PATH)).toBe(0)
  })
})
