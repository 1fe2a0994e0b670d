import { randomUUID } from 'node:crypto'
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { platform } from 'node:process'

import type { KeyOwner, StoredSigner } from '../../credentials/device-signer.ts'
import { keyName } from '../key-name.ts'
import { type KeyStorage, signerIn } from '../software-signer.ts'

const OWNER_ONLY = 0o600
const OTHERS = 0o077

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
  return signerIn(keyFile(path.join(folder, `${keyName(owner)}.key`)))
}

/** The file of one key. */
export const keyFile = (file: string): KeyStorage => ({
  read: () => readKey(file),
  create: async (key) => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await createWhole(file, key)
    const stored = await readKey(file)
    // One that is nowhere stored would be lost with this process, after a server has registered it.
    if (stored === null) throw new Error(`The key cannot be stored in ${file}.`)
    return stored
  },
  remove: () => rm(file, { force: true }),
})

async function readKey(file: string): Promise<string | null> {
  const handle = await open(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
  if (handle === null) return null
  try {
    const { mode } = await handle.stat()
    // Windows has no such modes.
    if (platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new Error(`Others may read or write the key in ${file}; allow it to its owner alone (chmod 600).`)
    return (await handle.readFile('utf8')).trim()
  } finally {
    await handle.close()
  }
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
