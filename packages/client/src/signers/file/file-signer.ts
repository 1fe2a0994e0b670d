import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { platform } from 'node:process'

import type { KeyOwner, StoredSigner } from '../../credentials/device-signer.ts'
import { keyName } from '../key-name.ts'
import { softwareKeys } from '../software-signer.ts'
import { type KeyStorage, openStoredSigner, type StoredKey } from '../stored-signer.ts'

const OWNER_ONLY = 0o600
const OTHERS = 0o077
/** What is behind the name in the name of a file. */
const NUMBERED = /^(?:\.(\d+))?\.key$/

/**
 * The signer of an owner whose key is a file in a folder; file and folder are created where they are missing. Processes
 * that create the key at the same time end with the same one.
 *
 * @throws Error for a file that others may read or write, or that is damaged; what the file system throws
 */
export function openFileSigner(options: {
  readonly folder: string
  readonly owner: KeyOwner
}): Promise<StoredSigner> {
  const { folder, owner } = options
  return openStoredSigner(keyFiles(folder, keyName(owner)), softwareKeys())
}

/** A file for each key of a name: `name.key` for the first one, with its number before the dot for each later one. */
export function keyFiles(folder: string, name: string): KeyStorage<string> {
  const fileOf = (generation: number): string =>
    path.join(folder, `${name}${generation === 0 ? '' : `.${generation}`}.key`)
  const generations = async (): Promise<number[]> => {
    const files = await readdir(folder).catch(nothingThere)
    const numbers = (files ?? []).flatMap((file) => {
      const found = file.startsWith(name) ? NUMBERED.exec(file.slice(name.length)) : null
      return found === null ? [] : [Number(found[1] ?? 0)]
    })
    return numbers.toSorted((a, b) => a - b)
  }
  return {
    read: async () => {
      for (;;) {
        const listed = await generations()
        const keys = await Promise.all(listed.map((each) => readKey(fileOf(each), each)))
        const there = keys.filter((key) => key !== null)
        // Another process has put a later key in the place of the one that was listed.
        if (there.length > 0 || listed.length === 0) return there
      }
    },
    create: async (generation, key) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = fileOf(generation)
      await createWhole(file, key)
      const stored = await readKey(file, generation)
      // One that is nowhere stored would be lost with this process, after a server has registered it.
      if (stored === null) throw new Error(`The key cannot be stored in ${file}.`)
      return stored
    },
    removeBefore: async (generation) => {
      const earlier = (await generations()).filter((each) => each < generation)
      await Promise.all(earlier.map((each) => rm(fileOf(each), { force: true })))
    },
  }
}

async function readKey(file: string, generation: number): Promise<StoredKey<string> | null> {
  const handle = await open(file).catch(nothingThere)
  if (handle === null) return null
  try {
    const { mode, mtimeMs } = await handle.stat()
    // Windows has no such modes.
    if (platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new Error(`Others may read or write the key in ${file}; allow it to its owner alone (chmod 600).`)
    return { generation, key: (await handle.readFile('utf8')).trim(), createdAt: mtimeMs }
  } finally {
    await handle.close()
  }
}

function nothingThere(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}

/** Creates a file with its whole content, durable, unless there is one: a process that dies leaves no half of a key. */
async function createWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, `${text}\n`, { flag: 'wx', mode: OWNER_ONLY, flush: true })
    await link(draft, file)
  } catch (error) {
    // Another process was first; its key is everybody's.
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  if (platform !== 'win32') await syncFolder(path.dirname(file))
}

// Else a power loss could lose the name of a key that a server already knows.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
