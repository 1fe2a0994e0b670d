import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { memorySecrets } from '@fieldsync/testkit'
import * as fake from 'fake-indexeddb'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import type { StoredSigner } from '../credentials/device-signer.ts'
import { verifiesItself } from '../testing/verifies-itself.ts'
import { openBrowserSigner } from './browser/browser-signer.ts'
import { openFileSigner } from './file/file-signer.ts'
import { openSoftwareSigner } from './software-signer.ts'

const OWNER = { url: 'https://sync.example.com', name: 'dev_scout_1' }

type Open = (owner?: typeof OWNER) => Promise<StoredSigner>

/** Places where keys are stored; each starts empty, and opens the signer as a program that starts would. */
const PLACES: Readonly<Record<string, () => Promise<Open>>> = {
  browser: () => {
    for (const [name, value] of Object.entries(fake)) vi.stubGlobal(name, value)
    vi.stubGlobal('indexedDB', new fake.IDBFactory())
    onTestFinished(() => void vi.unstubAllGlobals())
    return Promise.resolve((owner = OWNER) => openBrowserSigner(owner))
  },
  files: async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-keys-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    return (owner = OWNER) => openFileSigner({ folder, owner })
  },
  secrets: () => {
    const secrets = memorySecrets()
    return Promise.resolve((owner = OWNER) => openSoftwareSigner({ owner, secrets }))
  },
}

const keyOf = async (signer: StoredSigner): Promise<string> => (await signer.publicKeyJwk()).x
const storedKeys = async (signer: StoredSigner): Promise<string[]> =>
  await Promise.all((await signer.stored()).map(keyOf))

/** The present time as the file system writes it, in milliseconds: it may be a tick of the kernel behind the clock. */
async function timeOfFiles(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-time-'))
  const { mtimeMs } = await stat(folder)
  await rm(folder, { recursive: true })
  return mtimeMs
}

describe.each(Object.keys(PLACES))('[ENG-76] keys in %s', (place) => {
  let open: Open
  beforeEach(async () => {
    const [, found] = Object.entries(PLACES).find(([name]) => name === place) ?? []
    if (found === undefined) throw new Error('no such place')
    open = await found()
  })

  it('are the old one and its successor, until the successor has taken its place', async () => {
    const before = await timeOfFiles()
    const old = await open()
    expect(old.createdAt).toBeGreaterThanOrEqual(before)
    expect(old.createdAt).toBeLessThanOrEqual(Date.now() + 1)
    expect(await storedKeys(old)).toEqual([await keyOf(old)])
    const next = await old.successor()
    expect(await verifiesItself(next)).toBe(true)
    const both = [await keyOf(old), await keyOf(next)]
    expect(new Set(both).size).toBe(2)
    // As at another start.
    expect(await storedKeys(await open())).toEqual(both)
    expect(await keyOf(await open())).toBe(both[0])
    expect(await keyOf(await (await open()).successor())).toBe(both[1])
    await next.removeEarlier()
    expect(await storedKeys(await open())).toEqual([both[1]])
    expect(await keyOf(await open())).toBe(both[1])
  })

  it('have one successor, however many programs create it at once', async () => {
    const programs = await Promise.all(Array.from({ length: 5 }, () => open()))
    const successors = await Promise.all(programs.map((signer) => signer.successor()))
    expect(new Set(await Promise.all(successors.map(keyOf))).size).toBe(1)
    expect(await storedKeys(await open())).toHaveLength(2)
  })

  it('stay in the order in which they were created, more than nine', async () => {
    const first = await open()
    let last = first
    const keys = [await keyOf(first)]
    for (let i = 0; i < 11; i++) {
      last = await last.successor()
      keys.push(await keyOf(last))
    }
    expect(await storedKeys(first)).toEqual(keys)
    await last.removeEarlier()
    // One that slept through all of them.
    expect(await keyOf(await first.successor())).toBe(keys.at(-1))
    expect(await storedKeys(await open())).toEqual([keys.at(-1)])
  })

  it('are removed together, and those of another owner stay', async () => {
    const other = await open({ ...OWNER, name: 'dev_scout_2' })
    const old = await open()
    await old.successor()
    await old.deleteKey()
    expect(await old.stored()).toEqual([])
    expect(await keyOf(await open({ ...OWNER, name: 'dev_scout_2' }))).toBe(await keyOf(other))
    expect(await keyOf(await open())).not.toBe(await keyOf(old))
  })
})

it('[ENG-71] a key that an earlier version has stored in a secret store is the same one, of unknown age', async () => {
  const secrets = memorySecrets()
  const first = await openSoftwareSigner({ owner: OWNER, secrets })
  for (const [name, text] of secrets.values) secrets.values.set(name, text.split(' ').at(-1) ?? '')
  const again = await openSoftwareSigner({ owner: OWNER, secrets })
  expect(again.createdAt).toBeUndefined()
  expect(await keyOf(again)).toBe(await keyOf(first))
  await (await again.successor()).removeEarlier()
  expect(await (await openSoftwareSigner({ owner: OWNER, secrets })).stored()).toHaveLength(1)
})
