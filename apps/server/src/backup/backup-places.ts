import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { BackupEnv } from '../env/backup-env.ts'
import { S3Bucket } from '../outbound/s3-bucket.ts'
import { BackupError } from './backup-format.ts'

/** One backup in a place. */
export type StoredBackup = { readonly name: string; readonly takenAt: Date; readonly bytes: number }

/** Where a server keeps its backups. A place that is down fails each call. */
export type BackupPlace = {
  /** For messages. */
  readonly name: string
  /** Its backups, the newest first; whatever else lies there is none. */
  list(): Promise<StoredBackup[]>
  /** Adds one, whole or not at all. @returns its size in bytes. @throws where there is one of that name */
  add(name: string, content: Readable): Promise<number>
  /** The caller reads the stream to its end, or destroys it. */
  open(name: string): Promise<Readable>
  remove(name: string): Promise<void>
  /** Removes what a server that was killed while it added one has left. */
  clear(): Promise<void>
}

/** The place that the environment names; undefined for none. */
export function backupPlace({ place }: Pick<BackupEnv, 'place'>): BackupPlace | undefined {
  if (place === undefined) return undefined
  return 'folder' in place ? folderOf(place.folder) : bucketOf(new S3Bucket(place.bucket))
}

const BEGINNING = 'fieldsync-'
const PARTIAL = '.partial'

/** The name of a backup in its place: `fieldsync-20261201T081500Z.tar.zst`, and `.age` where it is encrypted. */
export const backupName = (takenAt: Date, isEncrypted: boolean): string =>
  `${BEGINNING}${takenAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.tar.zst${isEncrypted ? '.age' : ''}`

function storedBackup(name: string, bytes: number): StoredBackup[] {
  const [, y, mo, d, h, mi, s] =
    /^fieldsync-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar\.zst(?:\.age)?$/.exec(name) ?? []
  const takenAt = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  return Number.isNaN(takenAt.getTime()) ? [] : [{ name, takenAt, bytes }]
}

const newestFirst = (found: readonly StoredBackup[]): StoredBackup[] =>
  found.toSorted((one, other) => other.takenAt.getTime() - one.takenAt.getTime())

/** A folder; it is created when missing, readable to its user alone. */
export function folderOf(folder: string): BackupPlace {
  const fileOf = (name: string): string => path.join(folder, path.basename(name))
  return {
    name: folder,
    list: async () => {
      const names = await namesIn(folder)
      const found = await Promise.all(
        names
          .filter((name) => storedBackup(name, 0).length > 0)
          .map(async (name) => storedBackup(name, (await stat(fileOf(name))).size)),
      )
      return newestFirst(found.flat())
    },
    add: async (name, content) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return await writeBackupFile(fileOf(name), content)
    },
    open: (name) => Promise.resolve(createReadStream(fileOf(name))),
    remove: (name) => rm(fileOf(name), { force: true }),
    clear: async () => {
      const left = (await namesIn(folder)).filter(
        (name) => name.startsWith(BEGINNING) && name.endsWith(PARTIAL),
      )
      await Promise.all(left.map((name) => rm(fileOf(name), { force: true })))
    },
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/**
 * Writes a file of mode 0600 that appears whole and on the disk, or not at all.
 * @returns its size in bytes
 * @throws BackupError where there is a file of that name
 */
export async function writeBackupFile(file: string, content: Readable): Promise<number> {
  const draft = `${file}.${process.pid}${PARTIAL}`
  try {
    await pipeline(content, createWriteStream(draft, { mode: 0o600, flush: true }))
    // Unlike a rename, a link replaces nothing.
    await link(draft, file)
    await syncFolder(path.dirname(file))
    return (await stat(file)).size
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw isThere ? new BackupError(`${file} exists already; nothing was changed`, { cause }) : cause
  } finally {
    await rm(draft, { force: true })
  }
}

/** The name of a new file is on the disk as well only after this. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

/** A bucket, or what lies in it under a prefix. What a killed server has left of an upload is removed by the bucket's own rule. */
const bucketOf = (bucket: S3Bucket): BackupPlace => ({
  name: bucket.name,
  list: async () =>
    newestFirst((await bucket.list(BEGINNING)).flatMap(({ key, bytes }) => storedBackup(key, bytes))),
  add: (name, content) => bucket.upload(name, content),
  open: (name) => bucket.download(name),
  remove: (name) => bucket.remove(name),
  clear: () => Promise.resolve(),
})
