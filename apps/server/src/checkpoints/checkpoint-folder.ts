import { randomBytes } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { CheckpointStore } from '@fieldsync/services'

const END = '.note'

/** Checkpoints as files, each chain in a folder of its own; several servers may share it (AUD-12). */
export class CheckpointFolder implements CheckpointStore {
  readonly name: string
  readonly kind = 'folder'
  readonly #folder: string

  constructor(folder: string) {
    this.name = folder
    this.#folder = folder
  }

  async list(origin: string): Promise<readonly string[]> {
    try {
      const files = await readdir(this.#chain(origin))
      return files
        .filter((file) => file.endsWith(END))
        .map((file) => file.slice(0, -END.length))
        .toSorted()
        .toReversed()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  }

  read(origin: string, name: string): Promise<string> {
    return readFile(path.join(this.#chain(origin), `${name}${END}`), 'utf8')
  }

  /** The file appears whole or not at all, and one that is there stays. */
  async add(origin: string, name: string, note: string): Promise<void> {
    const folder = this.#chain(origin)
    const file = path.join(folder, `${name}${END}`)
    const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
    await mkdir(folder, { recursive: true })
    try {
      await writeFile(draft, note, { flag: 'wx', flush: true })
      await link(draft, file).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error
      })
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** The ids of a workspace have no slash and no dot. */
  #chain(origin: string): string {
    return path.join(this.#folder, ...origin.split('/').slice(2))
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

/** The notes in a file, or in all files of a folder. @throws Error where there is none */
export async function readNotes(place: string): Promise<string[]> {
  try {
    const entries = await readdir(place, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    return await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), 'utf8')))
  } catch (error) {
    if (codeOf(error) !== 'ENOTDIR') throw error
    return [await readFile(place, 'utf8')]
  }
}
